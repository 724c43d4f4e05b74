//! What stands behind `/start`.

/// How long a start token is: 32 bytes in base64url without padding.
const TOKEN_LENGTH: usize = 43;
/// The longest payload that a deep link carries.
const PAYLOAD_LENGTH_MAX: usize = 64;

/// The payload of a deep link, `https://t.me/{bot}?start={payload}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartPayload {
    /// Nothing, or nothing that this version knows: the ordinary welcome.
    Welcome,
    /// A pending action, by its token of 43 characters.
    Pending(String),
    /// A title, by id or code.
    Title(String),
    /// A product, by id or code.
    Product(String),
    /// How to become a member.
    Membership,
}

impl StartPayload {
    /// Reads a payload. It is untrusted: whatever is not understood is the ordinary welcome.
    #[must_use]
    pub fn parse(payload: &str) -> Self {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if payload.len() > PAYLOAD_LENGTH_MAX || !payload.bytes().all(allowed) {
            return Self::Welcome;
        }
        // A bare token may begin with a type and an underscore by chance, one in 4,096 for each type. The code of a title or
        // product of just the same length is told from it by its letters, which all 41 of a token have by chance once in 10^10.
        let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let named = payload.strip_prefix("t_").or_else(|| payload.strip_prefix("i_"));
        if payload.len() == TOKEN_LENGTH && !named.is_some_and(|code| code.bytes().all(is_code)) {
            return Self::Pending(payload.to_owned());
        }
        match payload.split_once('_') {
            Some(("p", token)) if token.len() == TOKEN_LENGTH => Self::Pending(token.to_owned()),
            Some(("t", title)) if !title.is_empty() => Self::Title(title.to_owned()),
            Some(("i", product)) if !product.is_empty() => Self::Product(product.to_owned()),
            None if payload == "vip" => Self::Membership,
            _ => Self::Welcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_is_read_bare_and_with_its_type(token in "[A-Z][A-Za-z0-9_-]{42}|[a-z]_[A-Z][A-Za-z0-9_-]{40}") {
            prop_assert_eq!(StartPayload::parse(&token), StartPayload::Pending(token.clone()));
            prop_assert_eq!(StartPayload::parse(&format!("p_{token}")), StartPayload::Pending(token));
        }

        #[test]
        fn a_title_is_read_by_id_or_code(title in "[a-z0-9-]{1,62}|ttl_[0-9a-hjkmnp-tv-z]{26}") {
            prop_assert_eq!(StartPayload::parse(&format!("t_{title}")), StartPayload::Title(title));
        }

        #[test]
        fn a_product_is_read_by_id_or_code(product in "[a-z0-9-]{1,62}|prd_[0-9a-hjkmnp-tv-z]{26}") {
            prop_assert_eq!(StartPayload::parse(&format!("i_{product}")), StartPayload::Product(product));
        }

        #[test]
        fn types_of_later_are_the_welcome(kind in "[rg]", rest in "[A-Za-z0-9_-]{0,40}") {
            let payload = format!("{kind}_{rest}");
            if payload.len() != TOKEN_LENGTH {
                prop_assert_eq!(StartPayload::parse(&payload), StartPayload::Welcome);
            }
        }

        #[test]
        fn no_payload_is_too_strange(payload in any::<String>()) {
            match StartPayload::parse(&payload) {
                StartPayload::Welcome | StartPayload::Membership => {}
                StartPayload::Pending(token) => prop_assert_eq!(token.len(), TOKEN_LENGTH),
                StartPayload::Title(name) | StartPayload::Product(name) => {
                    prop_assert!(!name.is_empty() && name.len() <= PAYLOAD_LENGTH_MAX);
                }
            }
        }

        #[test]
        fn what_no_link_can_carry_is_the_welcome(payload in "[A-Za-z0-9_-]{65,200}") {
            prop_assert_eq!(StartPayload::parse(&payload), StartPayload::Welcome);
        }
    }

    #[test]
    fn vip_asks_how_to_become_a_member() {
        assert_eq!(StartPayload::parse("vip"), StartPayload::Membership);
        assert_eq!(StartPayload::parse(""), StartPayload::Welcome);
        assert_eq!(StartPayload::parse("vip_"), StartPayload::Welcome);
        assert_eq!(StartPayload::parse("p_short"), StartPayload::Welcome);
        assert_eq!(StartPayload::parse("t_"), StartPayload::Welcome);
        assert_eq!(StartPayload::parse("i_"), StartPayload::Welcome);
    }
}
