# Pesan yang dikirim warung sendiri.
watch-now = ▶️ Tonton Sekarang
open-app = 🎬 Buka katalog
episode-number = Episode { $number }
alert = ⚠️ { $store }
