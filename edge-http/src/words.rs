//! The few words that the edge itself says to people, in Indonesian (the default) and English.

use http::{HeaderMap, header};

use crate::fields::preferred;

/// The language that somebody at the other end of HTTP reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Language(warung_language::Language);

impl Language {
    /// The language for who accepts those of `Accept-Language`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let accepted = preferred(headers, &header::ACCEPT_LANGUAGE);
        Self(warung_language::Language::for_reader(accepted))
    }

    /// Its code, as HTML and HTTP write it.
    pub(crate) fn code(self) -> &'static str {
        self.0.code()
    }

    fn choose(self, (indonesian, english): (&'static str, &'static str)) -> &'static str {
        match self.0 {
            warung_language::Language::Indonesian => indonesian,
            warung_language::Language::English => english,
        }
    }

    /// What an error means for a person and what to do; `None` for errors that only a program can cause.
    pub(crate) fn error(self, reason: &str) -> Option<&'static str> {
        let both = match reason {
            "INIT_DATA_INVALID" | "UNAUTHENTICATED" => (
                "Kami tidak bisa memastikan siapa kamu. Buka kembali aplikasi ini dari bot Telegram.",
                "We could not tell who you are. Open this app again from the Telegram bot.",
            ),
            "INIT_DATA_EXPIRED" | "SESSION_EXPIRED" => (
                "Sesimu sudah berakhir. Tutup aplikasi ini lalu buka lagi dari bot Telegram.",
                "Your session has ended. Close this app and open it again from the Telegram bot.",
            ),
            "FORBIDDEN" => (
                "Permintaan ini bukan untuk akunmu. Buka kembali aplikasi ini dari bot Telegram.",
                "This request is not for your account. Open this app again from the Telegram bot.",
            ),
            "USER_BLOCKED" => (
                "Penjual membatasi akunmu, jadi untuk saat ini film tidak bisa dikirim. Kalau ada yang keliru, hubungi penjual.",
                "The seller has restricted your account, so films can't be sent for now. If this is a mistake, contact the \
                 seller.",
            ),
            "NOT_FOUND" => (
                "Film ini tidak ada atau sudah tidak tersedia. Pilih film lain.",
                "This film is not there or no longer available. Choose another one.",
            ),
            "VIDEO_MISSING" => (
                "Video episode ini belum tersedia. Coba lagi nanti atau pilih episode lain.",
                "This episode has no video yet. Try again later or choose another one.",
            ),
            "RATE_LIMITED" => (
                "Terlalu banyak permintaan. Tunggu sebentar lalu coba lagi.",
                "Too many requests. Wait a moment and try again.",
            ),
            "UNAVAILABLE" | "STORAGE_FULL" | "DEADLINE_EXCEEDED" | "CONFLICT" | "INTERNAL" => {
                ("Layanan sedang sibuk. Coba lagi sebentar lagi.", "The service is busy. Try again in a moment.")
            }
            _ => return None,
        };
        Some(self.choose(both))
    }

    /// Heading and text of the page that stands where a watch link leads nowhere.
    pub(crate) fn watch_page(self, reason: &str) -> (&'static str, &'static str) {
        let (heading, text) = match reason {
            "VIP_REQUIRED" => (
                ("Film ini untuk anggota VIP", "This film is for VIP members"),
                (
                    "Keanggotaan VIP kamu sudah berakhir. Kembali ke chat bot untuk memperpanjang, lalu tekan \
                     \u{201c}Tonton Sekarang\u{201d} lagi.",
                    "Your VIP membership has ended. Go back to the bot's chat to renew it, then press \
                     \u{201c}Tonton Sekarang\u{201d} again.",
                ),
            ),
            "USER_BLOCKED" => (
                ("Akunmu dibatasi", "Your account is restricted"),
                (
                    "Untuk saat ini kamu belum bisa menonton di sini. Kalau ada yang keliru, hubungi penjual.",
                    "You can't watch here for now. If this is a mistake, contact the seller.",
                ),
            ),
            "WATCH_LINK_EXPIRED" | "NOT_FOUND" | "INVALID_ARGUMENT" => (
                ("Tautan ini sudah tidak berlaku", "This link is no longer good"),
                (
                    "Kembali ke chat bot dan minta filmnya sekali lagi: kamu akan mendapat tautan baru.",
                    "Go back to the bot's chat and ask for the film once more: you will get a new link.",
                ),
            ),
            "RATE_LIMITED" => (
                ("Sebentar, ya", "One moment, please"),
                (
                    "Terlalu banyak permintaan. Tunggu sebentar lalu buka tautan ini lagi.",
                    "Too many requests. Wait a moment and open this link again.",
                ),
            ),
            _ => (
                ("Layanan sedang sibuk", "The service is busy"),
                (
                    "Tunggu sebentar lalu buka tautan ini lagi. Tautannya masih berlaku.",
                    "Wait a moment and open this link again. It is still good.",
                ),
            ),
        };
        (self.choose(heading), self.choose(text))
    }
}
