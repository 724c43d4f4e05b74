//! Commands of a private chat.

use crate::payload::StartPayload;

/// A command that the bot knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `/start` and what stands behind it.
    Start(StartPayload),
    /// `/help`.
    Help,
    /// `/language`.
    Language,
    /// `/produk`, and words to look for.
    Products(String),
    /// `/pesanan`.
    Orders,
    /// `/saldo`.
    Wallet,
    /// `/topup`, and an amount.
    TopUp(String),
    /// `/vip`.
    Plans,
    /// `/serahkan`, and what stands behind it.
    Fulfil(String),
    /// `/refund`, and what stands behind it.
    Refund(String),
}

impl Command {
    /// Reads `/name`, `/name@bot` and `/name words`, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('/')?;
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        // In a private chat the bot is the only one that can be meant.
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        let rest = rest.trim();
        match name.to_ascii_lowercase().as_str() {
            "start" => Some(Self::Start(StartPayload::parse(rest))),
            "help" | "bantuan" => Some(Self::Help),
            "language" | "bahasa" => Some(Self::Language),
            "produk" | "shop" | "menu" | "belanja" => Some(Self::Products(rest.to_owned())),
            "pesanan" | "orders" => Some(Self::Orders),
            "saldo" | "balance" | "wallet" => Some(Self::Wallet),
            "topup" | "isi" => Some(Self::TopUp(rest.to_owned())),
            "vip" => Some(Self::Plans),
            "serahkan" | "fulfil" => Some(Self::Fulfil(rest.to_owned())),
            "refund" => Some(Self::Refund(rest.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_and_without_the_bot_s_name() {
        assert_eq!(Command::parse("/start"), Some(Command::Start(StartPayload::Welcome)));
        assert_eq!(Command::parse("/start@warung_bot vip"), Some(Command::Start(StartPayload::Membership)));
        assert_eq!(Command::parse("/HELP"), Some(Command::Help));
        assert_eq!(Command::parse("/language id"), Some(Command::Language));
        assert_eq!(Command::parse("/produk"), Some(Command::Products(String::new())));
        assert_eq!(Command::parse("/SHOP@warung_bot kopi susu "), Some(Command::Products("kopi susu".to_owned())));
        assert_eq!(Command::parse("/topup 75.000"), Some(Command::TopUp("75.000".to_owned())));
        let goods = "tg7-abc\nbaris 1\n  baris 2";
        assert_eq!(Command::parse(&format!("/serahkan {goods}")), Some(Command::Fulfil(goods.to_owned())));
        for other in ["", "/", "/ start", "start", "/starting", "halo /start"] {
            assert_eq!(Command::parse(other), None, "{other}");
        }
    }
}
