# Messages that the store sends of its own.
watch-now = ▶️ Watch now
open-app = 🎬 Open the catalogue
episode-number = Episode { $number }
alert = ⚠️ { $store }
