//! The names that are known.

/// A setting's name.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// As it stands in the environment.
    pub name: &'static str,
    /// The name that it is another spelling of.
    pub alias_of: Option<&'static str>,
}

const fn name(name: &'static str) -> Name {
    Name { name, alias_of: None }
}

const fn alias(name: &'static str, of: &'static str) -> Name {
    Name { name, alias_of: Some(of) }
}

/// Every name that is known. One that begins like these and is none of them is a fault: a misspelt setting must not
/// pass for one that was left out.
pub const NAMES: &[Name] = &[
    name("BOT_STORE_NAME"),
    name("BOT_TIMEZONE"),
    name("BOT_TOKEN"),
    alias("TELEGRAM_BOT_TOKEN", "BOT_TOKEN"),
    name("BOT_USERNAME"),
    name("TELEGRAM_ADMIN_IDS"),
    alias("ADMIN_ID", "TELEGRAM_ADMIN_IDS"),
    name("TELEGRAM_OWNER_IDS"),
    name("TELEGRAM_API_URL"),
    name("OWNER_BOT_TOKEN"),
    name("LOG_LEVEL"),
    name("DATABASE_URL"),
    name("DB_HOST"),
    name("DB_PORT"),
    name("DB_NAME"),
    name("DB_USER"),
    name("DB_PASS"),
    name("PAKASIR_PROJECT_SLUG"),
    name("PAKASIR_API_KEY"),
    name("PAKASIR_PUBLIC_DOMAIN"),
    name("PAKASIR_WEBHOOK_SECRET"),
    name("PAKASIR_SANDBOX"),
    name("PAKASIR_BASE_URL"),
    name("MIDTRANS_SERVER_KEY"),
    name("MIDTRANS_CLIENT_KEY"),
    name("MIDTRANS_PRODUCTION"),
    name("MIDTRANS_CORE_URL"),
    name("MIDTRANS_SNAP_URL"),
    name("WARUNG_BOT_MODE"),
    name("WARUNG_DATA_DIR"),
    name("WARUNG_GRPC_ADDR"),
    name("WARUNG_HTTP_ADDR"),
    name("WARUNG_LOG_FORMAT"),
    name("WARUNG_METRICS_ADDR"),
    name("WARUNG_MEDIA_URL"),
    name("WARUNG_MEDIA_ENDPOINT"),
    name("WARUNG_MEDIA_REGION"),
    name("WARUNG_MEDIA_ACCESS_KEY_ID"),
    name("WARUNG_MEDIA_SECRET_ACCESS_KEY"),
    name("WARUNG_PUBLIC_URL"),
    name("WARUNG_SECRET_KEY"),
    name("WARUNG_SERVICE_KEY"),
    name("WARUNG_TRUSTED_PROXIES"),
    name("WARUNG_WEBAPP_URL"),
];

/// How our names begin, where nobody else's do.
const PREFIXES: &[&str] = &["WARUNG_", "PAKASIR_", "MIDTRANS_", "TELEGRAM_", "BOT_", "OWNER_BOT_"];

/// Whether a name of the environment looks like one of ours.
pub(super) fn looks_like_ours(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The known name that is nearest to a misspelt one, if any is near.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .map(|known| (distance(known.name, name), known.name))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, known)| known)
}

/// How many letters must be added, dropped or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        for (cell, against) in row.iter_mut().skip(1).zip(other.bytes()) {
            let above = *cell;
            let changed = diagonal.saturating_add(usize::from(letter != against));
            left = changed.min(above.saturating_add(1)).min(left.saturating_add(1));
            *cell = left;
            diagonal = above;
        }
        if let Some(first) = row.first_mut() {
            *first = index.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_told_the_one_that_was_meant() {
        assert_eq!(nearest("WARUNG_PUBLIC_URI"), Some("WARUNG_PUBLIC_URL"));
        assert_eq!(nearest("BOT_TOKE"), Some("BOT_TOKEN"));
        assert_eq!(nearest("WARUNG_SOMETHING_ELSE"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
