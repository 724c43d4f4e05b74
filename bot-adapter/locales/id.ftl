# Percakapan. HTML Telegram; nilai { $… } sudah aman.
welcome =
    Halo, <b>{ $name }</b>! 👋
    Selamat datang di <b>{ $store }</b>.

    🎬 Pilih film, dan filmnya langsung dikirim ke chat ini.
    🛍 Beli produk, bayar dengan QRIS, dan barangnya langsung dikirim ke sini.
welcome-nameless =
    Halo! 👋
    Selamat datang di <b>{ $store }</b>.

    🎬 Pilih film, dan filmnya langsung dikirim ke chat ini.
    🛍 Beli produk, bayar dengan QRIS, dan barangnya langsung dikirim ke sini.
help =
    <b>Cara memakai { $store }</b>

    🎬 <b>Film.</b> Tekan <b>Buka { $store }</b>, pilih film, dan filmnya dikirim ke chat ini. Tekan tombol di bawahnya untuk memutar videonya.
    🛍 <b>Belanja.</b> Pilih produk dan jumlahnya, tekan <b>Beli sekarang</b>, lalu bayar tagihan yang dikirim ke sini. Begitu lunas, barangnya langsung dikirim.
    💰 <b>Saldo.</b> Isi saldo untuk membayar tanpa menunggu.

    /produk – daftar produk; /produk kata – cari produk
    /pesanan – pesanan saya
    /saldo – saldo; /topup 75000 – isi saldo
    /vip – keanggotaan VIP
    /start – menu utama
    /language – ganti bahasa
    /help – bantuan ini
help-seller =
    <b>Untuk penjual</b>
    /serahkan KODE isi… – serahkan barang pesanan; dari beberapa barang yang kedua: KODE#2
    /refund KODE [jumlah] saldo|gateway alasan… – kembalikan uang
language-question = 🌐 Pilih bahasa
language-chosen = Oke, sekarang pakai Bahasa Indonesia.
title =
    🎬 <b>{ $title }</b>
    Episode: { $episodes }

    { $synopsis }
title-unknown = Film itu tidak ada lagi di sini. Buka daftar film untuk mencari yang lain.
unknown = Maaf, saya belum mengerti itu. Pilih salah satu tombol di bawah, atau /help untuk bantuan.

# Tautan dari Mini App.
token-unknown = Tautan ini tidak dikenal. Pilih lagi filmnya di daftar film.
token-used = Tautan ini sudah dipakai. Kalau filmnya belum datang, pilih lagi di daftar film.
token-expired = Tautan ini sudah kedaluwarsa. Pilih lagi filmnya di daftar film.
token-foreign = Tautan ini milik orang lain. Pilih sendiri filmnya di daftar film.
request-failed = Maaf, film itu belum bisa dikirim. Penjual sudah diberi tahu; coba lagi nanti.

# Jawaban tombol: teks biasa, paling banyak 200 huruf.
vip-required = Episode ini untuk anggota VIP, dan keanggotaanmu belum ada atau sudah berakhir. Pilih paketnya di chat ini.
video-missing = Video episode ini belum tersedia. Coba lagi nanti.
episode-unknown = Episode ini tidak ada lagi. Buka daftar film untuk mencari yang lain.
button-unknown = Tombol ini sudah tidak berlaku. Kirim /start untuk tombol yang baru.
too-many-calls = Terlalu cepat. Tunggu sebentar, lalu tekan lagi.
blocked = Penjual membatasi akunmu, jadi untuk saat ini kamu belum bisa bertransaksi di sini. Yang sudah kamu bayar tetap dikirim. Ada yang keliru? Hubungi penjual.
not-understood = Itu tidak bisa dibaca. Periksa lagi tulisannya, atau kirim /help untuk contohnya.
not-possible = Itu tidak bisa dilakukan sekarang. Kirim /start untuk membuka menu.
storage-full = Penyimpanan toko sedang penuh. Coba lagi nanti.
trouble = Maaf, sedang ada gangguan di tempat kami. Coba lagi sebentar lagi.

# Toko.
products = 🛍 <b>Daftar produk</b>
products-of-category = { $emoji } <b>{ $name }</b>
products-none = Belum ada produk di sini. Lihat kategori lain, atau coba lagi nanti.
products-not-found = Tidak ada yang cocok dengan “{ $query }”. Coba kata lain, atau lihat kategorinya.
products-foot = Stok per { $time }. Tekan nomornya untuk melihat produk.
products-foot-page = Stok per { $time } · halaman { $page }. Tekan nomornya untuk melihat produk.
product-line = { $number }. <b>{ $name }</b> – { $price } · stok { $stock }
product-line-endless = { $number }. <b>{ $name }</b> – { $price }
stock-none = habis
categories = 🗂 <b>Kategori</b>
categories-none = Belum ada kategori. Lihat semua produk.
product =
    <b>{ $name }</b>

    { $description }

    💵 Harga: <b>{ $price }</b>
    📦 Stok <b>{ $stock }</b> · per { $time }
product-endless =
    <b>{ $name }</b>

    { $description }

    💵 Harga: <b>{ $price }</b>
product-gone = Produk itu tidak dijual lagi. Pilih yang lain di daftar produk.
checkout =
    🧾 <b>Periksa pesananmu</b>

    { $name } × { $quantity }
    Subtotal: <b>{ $amount }</b>
    Saldomu: { $balance }

    Pilih metode pembayaran. Biaya layanan ditambahkan pada tagihan.
checkout-no-method =
    🧾 { $name } × { $quantity } = <b>{ $amount }</b>
    Saldomu: { $balance }

    Belum ada metode pembayaran untuk jumlah ini. Tambah jumlahnya atau isi saldo, lalu coba lagi.
banks =
    🏦 <b>Virtual account bank</b>
    Yang harus dibayar: <b>{ $amount }</b>

    Pilih banknya. Biaya layanan (±) ditambahkan pada tagihan.
order-placed = 🧾 Pesanan <code>{ $code }</code> dibuat; tagihannya dikirim ke chat ini.
order-paid = ✅ Pesanan <code>{ $code }</code> lunas. Terima kasih!

# Penolakan, dengan jalan keluarnya; sebagian tampil sebagai jawaban tombol (teks biasa, paling banyak 200 huruf).
out-of-stock = Stoknya tidak cukup lagi. Kurangi jumlahnya, atau pilih produk lain.
price-changed = Harganya baru saja berubah. Periksa harga yang baru sebelum memesan.
too-many-unpaid-orders = Masih ada beberapa pesananmu yang belum dibayar. Bayar atau batalkan salah satunya, lalu pesan lagi.
amount-below-minimum = Jumlah itu terlalu kecil untuk metode pembayaran ini. Tambah jumlahnya, atau bayar dengan saldo.
balance-too-low = Saldomu tidak cukup. Isi saldo dulu, atau pilih metode pembayaran lain.
gateway-unavailable = Layanan pembayaran sedang tidak menjawab. Uangmu aman dan pesananmu tidak dibuat dua kali: coba lagi sebentar lagi.
payment-method-unavailable = Metode pembayaran ini sedang tidak tersedia. Pilih metode lain.
no-way-to-pay = Belum ada metode pembayaran yang bisa dipakai untuk ini. Bayar dari saldo, atau tanyakan ke penjual.
order-not-payable = Pesanan ini sudah lunas, dibatalkan, atau kedaluwarsa, jadi tidak bisa dibayar lagi. Lihat Pesanan saya.
too-many-payments = Metode pembayaran pesanan ini sudah terlalu sering diganti. Bayar tagihan yang masih terbuka, bayar dari saldo, atau pesan ulang.
invoice-unusable = Tagihan dari layanan pembayaran tidak bisa dibayar, jadi pesanan dibatalkan. Belum ada uang yang dibayar. Pesan lagi nanti atau pakai metode lain.
order-not-cancellable = Pesanan ini tidak bisa dibatalkan lagi: sudah lunas atau sudah berakhir. Lihat Pesanan saya.
nothing-to-send = Pesanan ini tidak punya barang yang bisa dikirim ulang.
not-found = Pesanan itu tidak ditemukan. Lihat Pesanan saya.

# Pesanan.
orders = 📦 <b>Pesanan saya</b>
orders-none = Kamu belum pernah memesan. Lihat-lihat dulu di Belanja.
order-line = { $number }. { $state } { $name } – { $total } · { $time }
order =
    📦 <b>Pesanan</b> <code>{ $code }</code>
    { $time }
order-item = • { $name } × { $quantity } – { $amount }
order-discount = Potongan: { $amount }
order-fee = Biaya layanan: { $amount }
order-total = Total: <b>{ $amount }</b>
order-paid-so-far = Sudah dibayar: { $amount }
order-refunded = Sudah dikembalikan: { $amount }
state-pending = Menunggu pembayaran sampai { $time }
state-paid = Lunas, barangnya sedang dikirim
state-manual = Lunas, sedang diproses penjual
state-unreachable = Lunas. Kirim /start supaya bot bisa mengirim barangnya
state-undeliverable = Lunas, tetapi barangnya belum bisa dikirim. Penjual sudah diberi tahu
state-completed = Selesai
state-cancelled = Dibatalkan
state-expired = Kedaluwarsa: tidak dibayar sampai { $time }
state-refunded = Uangnya sudah dikembalikan
state-unknown = Keadaannya belum diketahui
pay =
    💳 Pesanan <code>{ $code }</code>
    Yang harus dibayar: <b>{ $amount }</b>
    Saldomu: { $balance }

    Pilih metode pembayaran. Biaya layanan ditambahkan pada tagihan.
pay-no-method =
    💳 Pesanan <code>{ $code }</code>
    Yang harus dibayar: <b>{ $amount }</b>
    Saldomu: { $balance }

    Belum ada metode pembayaran untuk jumlah ini. Isi saldo, lalu coba lagi.
cancel-question = Yakin mau membatalkan pesanan <code>{ $code }</code> ({ $name }, { $total })?
cancel-question-paid = Yakin mau membatalkan pesanan <code>{ $code }</code> ({ $name }, { $total })? Saldo yang sempat terpakai, { $amount }, kembali ke saldomu.

# Jawaban tombol tentang pembayaran: teks biasa, paling banyak 200 huruf.
payment-paid = Lunas ✅
payment-missing = Belum ada pembayaran masuk. Kalau baru saja membayar, tunggu sebentar lalu cek lagi.
payment-expired = Tagihan ini sudah kedaluwarsa. Jangan dibayar lagi; buat pesanan baru.
payment-cancelled = Tagihan ini sudah dibatalkan. Jangan dibayar lagi.
payment-returned = Pembayaran ini sudah dikembalikan ke saldomu.
paid-from-balance = Lunas ✅ Dibayar dari saldo.
goods-sent = Dikirim ulang ke chat ini.

# Saldo.
wallet = 💰 Saldomu: <b>{ $amount }</b>
wallet-receivable = Kamu masih punya kekurangan { $amount } dari pengembalian dana. Saldo yang masuk berikutnya dipakai untuk itu lebih dulu.
wallet-entries = <b>Riwayat terakhir</b>
wallet-no-entries = Belum ada riwayat.
wallet-entry = { $amount } · { $kind } · { $time }
wallet-entry-of-order = { $amount } · { $kind } · { $time } · <code>{ $code }</code>
entry-top-up = isi saldo
entry-purchase = belanja
entry-return = pesanan batal
entry-refund = pengembalian dana
entry-credit = pembayaran dikreditkan
entry-reversal = isi saldo dikembalikan
top-up =
    ➕ <b>Isi saldo</b>

    Pilih jumlahnya, atau tulis sendiri, misalnya <code>/topup 75000</code>.
    Minimal { $least }, maksimal { $most }. Yang masuk ke saldo adalah jumlah ini, tanpa biaya layanan.
top-up-out-of-bounds = Isi saldo: minimal { $least }, maksimal { $most }. Misalnya: <code>/topup 75000</code>.
top-up-name = Isi saldo
amount-unreadable = “{ $amount }” bukan jumlah uang. Tulis misalnya 75000, 75.000, 75rb, atau 1,2jt.
amount-negative = “{ $amount }” kurang dari nol. Tulis jumlahnya tanpa tanda minus.
amount-ambiguous = “{ $amount }” bisa berarti lebih dari satu jumlah. Tulis lengkap tanpa sen, misalnya 75.000.
amount-too-large = “{ $amount }” terlalu besar. Periksa angkanya.
top-up-methods =
    ➕ Isi saldo <b>{ $amount }</b>

    Pilih metode pembayaran. Biaya layanan ditambahkan pada tagihan.
top-up-no-method = Isi saldo <b>{ $amount }</b> belum bisa dibayar: toko ini belum punya metode pembayaran untuk itu. Coba lagi nanti.

# VIP.
vip-active = 💎 Kamu anggota VIP sampai <b>{ $time }</b>.
vip-none =
    💎 <b>Film VIP hanya untuk anggota.</b>
    Kamu belum menjadi anggota, atau keanggotaanmu sudah berakhir.
plans = Pilih paketnya. Kalau sudah VIP, masa aktifmu diperpanjang.
plan-line = • <b>{ $name }</b> – { $price } · { $days } hari
plans-none = Belum ada paket VIP yang dijual. Coba lagi nanti.
plans-none-seller = Belum ada paket VIP yang dijual. Untuk menjadi anggota, chat <a href="tg://user?id={ $seller }">penjual</a>.

# Penjual.
fulfil-usage =
    Tulis kode pesanan, lalu isinya; isinya boleh beberapa baris:
    <code>/serahkan tg123-ab12cd34 isi untuk pembeli</code>
fulfil-goods = Isinya belum diserahkan: di dalamnya ada karakter yang tidak terlihat, mungkin terbawa saat disalin. Ketik ulang isinya, lalu kirim lagi.
fulfil-lines = Beberapa barang pesanan <code>{ $code }</code> masih menunggu kamu, atau nomor itu tidak ada. Tulis nomor barangnya di belakang kode:
fulfil-line = • { $name }: <code>/serahkan { $code }#{ $number } isinya</code>
fulfilled = ✅ Isi pesanan <code>{ $code }</code> diserahkan kepada pembelinya.
nothing-to-fulfil = Pesanan <code>{ $code }</code> tidak menunggu barang dari penjual. Periksa kodenya.
refund-usage =
    Tulis kode pesanan, jumlahnya (boleh dikosongkan: semuanya), tujuannya, dan alasannya:
    <code>/refund tg123-ab12cd34 25000 saldo barang rusak</code>
    Tujuannya <b>saldo</b> atau <b>gateway</b>.
refund-lines = Pesanan <code>{ $code }</code> berisi beberapa barang, atau nomor itu tidak ada. Tulis nomor barang yang uangnya dikembalikan di belakang kode:
refund-line = • { $name }, sisa { $left }: <code>/refund { $code }#{ $number } saldo alasan</code>
refunded = ↩️ Refund pesanan <code>{ $code }</code> berhasil: { $refunded } dari { $paid } sudah dikembalikan.
order-not-refundable = Pesanan <code>{ $code }</code> belum lunas, atau sisa uangnya kurang dari jumlah itu.
refund-unsupported = Uang pesanan <code>{ $code }</code> tidak bisa kembali lewat gateway-nya. Kembalikan ke saldo: <code>/refund { $code } saldo alasan</code>
top-up-by-gateway-only = <code>{ $code }</code> adalah isi saldo, jadi tidak bisa dikembalikan ke saldo. Kembalikan lewat gateway: <code>/refund { $code } gateway alasan</code>
top-up-not-refundable = <code>{ $code }</code> adalah isi saldo, dan gateway-nya tidak bisa mengembalikan uang, jadi tidak bisa direfund dari sini. Saldonya tetap bisa dipakai belanja; kalau pembeli minta uangnya, transfer sendiri di luar bot.
review-arrived-question = Catat <b>{ $amount }</b> sebagai uang yang sudah masuk? Pastikan dulu uangnya terlihat di dasbor pembayaran: pesanan langsung diproses, atau uangnya masuk ke saldo pembeli.
review-no-money-question = Tidak ada uang yang masuk, dan tidak ada yang perlu dicatat? Pastikan dulu di dasbor pembayaran.
review-refunded-question = Uangnya sudah kembali ke pembeli? Pastikan dulu di dasbor pembayaran.
review-not-refunded-question = Uangnya belum kembali ke pembeli? Setelah ini kamu bisa mengulang refund-nya. Pastikan dulu di dasbor pembayaran.
review-arrived = ✅ { $amount } dicatat sebagai uang masuk.
review-no-money = 🚫 Dicatat: tidak ada uang yang masuk.
review-refunded = ✅ Dicatat: uangnya sudah kembali ke pembeli.
review-not-refunded = 🚫 Dicatat: uangnya belum kembali. Refund bisa diulang.
review-kept = Oke, tidak ada yang diubah.
review-gone = Ini sudah ditangani.
review-refund-not-closable = Refund ini sudah ditangani, atau gateway mungkin masih memprosesnya. Coba lagi 5 menit setelah refund dimulai.
review-note = dijawab lewat chat
sellers-only = Ini hanya untuk penjual.
seller-not-found = Pesanan <code>{ $code }</code> tidak ditemukan. Periksa kodenya.

# Tombol dan perintah: teks biasa.
button-review-yes = ✅ Ya, catat
button-review-no = Batal
button-open = 🎬 Buka { $store }
button-open-title = ▶️ Lihat film ini
button-open-product = 📱 Lihat di aplikasi
button-open-wallet = 📱 Riwayat lengkap
button-help = ❓ Bantuan
button-language = 🌐 Bahasa
button-shop = 🛍 Belanja
button-plans = 💎 VIP
button-wallet = 💰 Saldo
button-orders = 📦 Pesanan saya
button-menu = 🏠 Menu
button-back = ◀️ Kembali
button-categories = 🗂 Kategori
button-all-products = 🛍 Semua produk
button-buy = ⚡ Beli sekarang · { $amount }
button-free = 🎁 Ambil, gratis
button-from-balance = 💰 Bayar dari saldo ({ $amount })
button-partly = 💰 Saldo { $amount } + QRIS
button-method = 📱 { $method } · biaya ± { $fee }
button-method-free = 📱 { $method }
button-banks = 🏦 Virtual account bank
button-bank = { $method } · ± { $fee }
button-order = 🧾 Lihat pesanan
button-other-method = 💳 Metode lain
button-new-price = 🧾 Lihat harga baru
button-again = 🔄 Coba lagi
button-top-up = ➕ Isi saldo
button-invoice = 🧾 Kirim tagihan
button-check = 🔄 Cek status
button-pay = 💳 Bayar
button-cancel = ❌ Batalkan
button-cancel-yes = ❌ Ya, batalkan
button-cancel-no = ◀️ Tidak jadi
button-goods = 📤 Kirim ulang
command-start = Menu utama
command-products = Daftar produk
command-orders = Pesanan saya
command-wallet = Saldo dan isi saldo
command-plans = Keanggotaan VIP
command-help = Bantuan
command-language = Ganti bahasa
