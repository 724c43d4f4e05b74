//! The words of the pages, in the language of the emulated Telegram's page, which tells it in a cookie: those know no ports.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The cookie that English is asked for by.
const ENGLISH_COOKIE: &str = "language=en";

/// What the pages say.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) code: &'static str,
    pub(super) foot: &'static str,
    pub(super) name: &'static str,
    pub(super) unknown: &'static str,
    pub(super) unknown_hint: &'static str,
    pub(super) pay: &'static str,
    pub(super) pay_to: &'static str,
    pub(super) amount: &'static str,
    pub(super) fee: &'static str,
    pub(super) method: &'static str,
    pub(super) order: &'static str,
    pub(super) paid: [&'static str; 2],
    pub(super) expired: [&'static str; 2],
    pub(super) cancelled: [&'static str; 2],
    pub(super) back: &'static str,
    pub(super) no_way_back: &'static str,
    pub(super) qr: &'static str,
    pub(super) scan: &'static str,
    pub(super) account: &'static str,
    pub(super) pay_before: &'static str,
    pub(super) pay_now: &'static str,
    pub(super) list: &'static str,
    pub(super) empty_list: &'static str,
    pub(super) make_expire: &'static str,
    pub(super) months: [&'static str; 12],
}

const INDONESIAN: Words = Words {
    code: "id",
    foot: "Pakasir tiruan untuk demo dan uji coba. Tidak ada uang sungguhan yang berpindah.",
    name: "Pakasir tiruan",
    unknown: "Pembayaran tidak ditemukan",
    unknown_hint: "Periksa lagi alamatnya, atau minta tautan baru dari penjual.",
    pay: "Bayar",
    pay_to: "Pembayaran kepada",
    amount: "Jumlah",
    fee: "Biaya layanan",
    method: "Metode",
    order: "No. pesanan",
    paid: ["Lunas", "Terima kasih, pembayaran sudah diterima."],
    expired: ["Kedaluwarsa", "Waktu untuk membayar sudah habis. Buat pesanan baru di toko."],
    cancelled: ["Dibatalkan", "Pembayaran ini dibatalkan oleh penjual."],
    back: "Kembali ke halaman merchant",
    no_way_back: "Anda bisa menutup halaman ini dan kembali ke obrolan.",
    qr: "Kode QRIS",
    scan: "Pindai dengan aplikasi apa pun yang mendukung QRIS.",
    account: "Nomor virtual account",
    pay_before: "Bayar sebelum",
    pay_now: "Bayar sekarang",
    list: "Pembayaran di Pakasir tiruan",
    empty_list: "Belum ada pembayaran. Beli sesuatu di toko, lalu muat ulang halaman ini.",
    make_expire: "Buat kedaluwarsa",
    months: ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
};

const ENGLISH: Words = Words {
    code: "en",
    foot: "An emulated Pakasir for demos and tests. No real money moves.",
    name: "Emulated Pakasir",
    unknown: "Payment not found",
    unknown_hint: "Check the address, or ask the seller for a new link.",
    pay: "Pay",
    pay_to: "Payment to",
    amount: "Amount",
    fee: "Service fee",
    method: "Method",
    order: "Order no.",
    paid: ["Paid", "Thank you, the payment has arrived."],
    expired: ["Expired", "The time to pay is over. Place a new order in the shop."],
    cancelled: ["Cancelled", "The seller has cancelled this payment."],
    back: "Back to the merchant",
    no_way_back: "You can close this page and go back to the chat.",
    qr: "QRIS code",
    scan: "Scan it with any app that supports QRIS.",
    account: "Virtual account number",
    pay_before: "Pay before",
    pay_now: "Pay now",
    list: "Payments at the emulated Pakasir",
    empty_list: "No payments yet. Buy something in the shop, then reload this page.",
    make_expire: "Let it expire",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};

/// The words for whoever asks. Pakasir's own page is in Indonesian.
pub(super) fn words(headers: &HeaderMap) -> &'static Words {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    if cookies.flat_map(|cookies| cookies.split(';')).any(|cookie| cookie.trim() == ENGLISH_COOKIE) {
        &ENGLISH
    } else {
        &INDONESIAN
    }
}
