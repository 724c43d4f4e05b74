# Percakapan. HTML Telegram; nilai { $… } sudah aman.
welcome =
    Halo, <b>{ $name }</b>! 👋
    Selamat datang di <b>{ $store }</b>.

    Tekan tombol di bawah, pilih film, dan filmnya langsung dikirim ke obrolan ini.
help =
    <b>Cara memakai { $store }</b>

    1. Tekan <b>Buka { $store }</b>.
    2. Pilih film yang ingin kamu tonton.
    3. Filmnya datang ke obrolan ini. Tekan tombol di bawahnya untuk memutar videonya.

    /start – mulai dari awal
    /language – ganti bahasa
    /help – bantuan ini
language-question = Mau memakai bahasa apa?
language-chosen = Baik, mulai sekarang kita memakai bahasa Indonesia.
title =
    🎬 <b>{ $title }</b>
    Episode: { $episodes }

    { $synopsis }
title-unknown = Film itu tidak ada lagi di sini. Buka daftar film untuk mencari yang lain.
membership =
    <b>Film VIP hanya untuk anggota.</b>

    Untuk menjadi anggota, tulislah kepada penjual.
membership-seller =
    <b>Film VIP hanya untuk anggota.</b>

    Untuk menjadi anggota, tulislah kepada <a href="tg://user?id={ $seller }">penjual</a>.
unknown = Maaf, saya belum mengerti itu. Tekan tombol di bawah untuk membuka daftar film, atau /help untuk bantuan.

# Tautan dari Mini App.
token-unknown = Tautan ini tidak dikenal. Pilih lagi filmnya di daftar film.
token-used = Tautan ini sudah dipakai. Kalau filmnya belum datang, pilih lagi di daftar film.
token-expired = Tautan ini sudah kedaluwarsa. Pilih lagi filmnya di daftar film.
token-foreign = Tautan ini milik orang lain. Pilih sendiri filmnya di daftar film.
request-failed = Maaf, film itu belum bisa dikirim. Penjual sudah diberi tahu; coba lagi nanti.

# Jawaban tombol: teks biasa, paling banyak 200 huruf.
vip-required = Episode ini untuk anggota VIP, dan keanggotaanmu belum ada atau sudah berakhir. Kirim /start vip untuk cara menjadi anggota.
video-missing = Video episode ini belum tersedia. Coba lagi nanti.
episode-unknown = Episode ini tidak ada lagi. Buka daftar film untuk mencari yang lain.
button-unknown = Tombol ini sudah tidak berlaku. Kirim /start untuk tombol yang baru.
too-many-calls = Terlalu cepat. Tunggu sebentar, lalu tekan lagi.
storage-full = Penyimpanan toko sedang penuh. Coba lagi nanti.
trouble = Maaf, sedang ada gangguan di tempat kami. Coba lagi sebentar lagi.

# Tombol dan perintah: teks biasa.
button-open = 🎬 Buka { $store }
button-open-title = ▶️ Lihat film ini
button-help = ❓ Bantuan
button-language = 🌐 Bahasa
command-start = Mulai
command-help = Bantuan
command-language = Ganti bahasa
