// The page's own words, in the user's language.

const WORDS = {
  id: {
    title: "Telegram tiruan", subtitle: "untuk demo, tanpa akun", whoAreYou: "Anda berperan sebagai", chats: "Obrolan",
    foot: "Semua pesan tinggal di komputer ini dan hilang saat demo dihentikan.",
    bot: "bot", typing: "sedang mengetik…", sending: "sedang mengirim berkas…", blocked: "Anda memblokir bot ini",
    start: "Mulai", startHint: "Tekan Mulai untuk menyapa bot ini.", unblock: "Buka blokir", block: "Blokir bot",
    restart: "Mulai ulang (/start)", openApp: "Buka Mini App", open: "Buka", sendVideo: "Kirim video contoh", message: "Pesan", write: "Tulis pesan…",
    send: "Kirim", menu: "Menu", commands: "Perintah", more: "Menu obrolan", back: "Kembali", close: "Tutup", save: "Simpan", reload: "Muat ulang",
    themeToDark: "Ganti ke tema gelap", themeToLight: "Ganti ke tema terang", languageTo: "Change to English", edited: "diedit",
    deleted: "Pesan dihapus", protected: "Tidak dapat diteruskan atau disimpan", play: "Putar video", pause: "Jeda video", photo: "Foto", video: "Video", document: "Berkas",
    writeAllowed: "Anda mengizinkan bot ini mengirim pesan.", ok: "Oke", cancel: "Batal", allow: "Izinkan", noAnswer: "Bot tidak menjawab.",
    askWrite: "Izinkan {name} mengirim pesan kepada Anda?", leaveApp: "Perubahan mungkin belum disimpan. Tutup aplikasi ini?", leave: "Tutup",
    copied: "Disalin.", noChat: "Pilih obrolan untuk mulai.", offline: "Terputus dari demo. Menyambung lagi…", spoiler: "Tampilkan teks tersembunyi",
    actingAs: "sebagai {name}", today: "Hari ini", opensApp: "membuka Mini App", opensLink: "membuka tautan", unknownLink: "Tidak ada bot dengan nama itu di demo ini.",
    failed: "Gagal: {reason}", empty: "Belum ada pesan", appTitle: "Mini App {name}", restoreApp: "Kembali ke {name}",
  },
  en: {
    title: "Emulated Telegram", subtitle: "a demo, no account needed", whoAreYou: "You act as", chats: "Chats",
    foot: "All messages stay on this computer and are gone when the demo ends.",
    bot: "bot", typing: "typing…", sending: "sending a file…", blocked: "You blocked this bot",
    start: "Start", startHint: "Press Start to greet this bot.", unblock: "Unblock", block: "Block bot",
    restart: "Restart (/start)", openApp: "Open Mini App", open: "Open", sendVideo: "Send a sample video", message: "Message", write: "Write a message…",
    send: "Send", menu: "Menu", commands: "Commands", more: "Chat menu", back: "Back", close: "Close", save: "Save", reload: "Reload",
    themeToDark: "Change to the dark theme", themeToLight: "Change to the light theme", languageTo: "Ganti ke bahasa Indonesia", edited: "edited",
    deleted: "Message deleted", protected: "Can't be forwarded or saved", play: "Play video", pause: "Pause video", photo: "Photo", video: "Video", document: "File",
    writeAllowed: "You allowed this bot to message you.", ok: "OK", cancel: "Cancel", allow: "Allow", noAnswer: "The bot did not answer.",
    askWrite: "Allow {name} to message you?", leaveApp: "Changes may not be saved. Close this app?", leave: "Close",
    copied: "Copied.", noChat: "Choose a chat to begin.", offline: "Lost touch with the demo. Reconnecting…", spoiler: "Show hidden text",
    actingAs: "as {name}", today: "Today", opensApp: "opens the Mini App", opensLink: "opens a link", unknownLink: "There is no bot of that name in this demo.",
    failed: "Failed: {reason}", empty: "No messages yet", appTitle: "Mini App {name}", restoreApp: "Back to {name}",
  },
};

let language = "id";

export const currentLanguage = () => language;

export function setLanguage(code) {
  language = (code || "id").startsWith("id") ? "id" : "en";
  document.documentElement.lang = language;
  // The pay page beside it, on another port, follows.
  document.cookie = `language=${language}; path=/; SameSite=Lax`;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
}

export function word(name, values = {}) {
  const text = WORDS[language][name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}
