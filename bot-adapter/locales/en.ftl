# Conversation. Telegram's HTML; the values { $… } are safe already.
welcome =
    Hello, <b>{ $name }</b>! 👋
    Welcome to <b>{ $store }</b>.

    🎬 Choose a film, and it is sent to this chat at once.
    🛍 Buy a product, pay by QRIS, and the goods arrive here at once.
welcome-nameless =
    Hello! 👋
    Welcome to <b>{ $store }</b>.

    🎬 Choose a film, and it is sent to this chat at once.
    🛍 Buy a product, pay by QRIS, and the goods arrive here at once.
help =
    <b>How to use { $store }</b>

    🎬 <b>Films.</b> Press <b>Open { $store }</b>, choose a film, and it comes to this chat. Press the button under it to play the video.
    🛍 <b>Shop.</b> Choose a product and how many, press <b>Buy now</b>, and pay the invoice that is sent here. Once it is paid, the goods are sent at once.
    💰 <b>Balance.</b> Top it up to pay without waiting.

    /shop – the products; /shop words – look for one
    /orders – my orders
    /wallet – the balance; /topup 75000 – top it up
    /vip – the VIP membership
    /start – the main menu
    /language – change the language
    /help – this help
help-seller =
    <b>For sellers</b>
    /serahkan CODE goods… – hand over the goods of an order; of several items the second: CODE#2
    /refund CODE [amount] saldo|gateway reason… – give money back
language-question = 🌐 Choose a language
language-chosen = OK, it is English from now on.
title =
    🎬 <b>{ $title }</b>
    Episodes: { $episodes }

    { $synopsis }
title-unknown = That film is not here any more. Open the list of films to find another.
unknown = Sorry, I don't understand that yet. Press one of the buttons below, or /help for help.

# Links from the Mini App.
token-unknown = This link is not known. Choose the film again in the list of films.
token-used = This link was used already. If the film has not come, choose it again in the list of films.
token-expired = This link is too old. Choose the film again in the list of films.
token-foreign = This link is somebody else's. Choose the film yourself in the list of films.
request-failed = Sorry, that film can't be sent yet. The seller has been told; try again later.

# Answers to buttons: plain text of at most 200 characters.
vip-required = This episode is for VIP members, and you are not a member yet or your membership has ended. Choose a plan in this chat.
video-missing = This episode has no video yet. Try again later.
episode-unknown = This episode is not here any more. Open the list of films to find another.
button-unknown = This button is of no use any more. Send /start for new ones.
too-many-calls = Too fast. Wait a moment, then press again.
blocked = The seller has restricted your account, so you can't order here for now. What you have paid for is still sent to you. Is this a mistake? Contact the seller.
not-understood = That can't be read. Check what you wrote, or send /help for examples.
not-possible = That can't be done now. Send /start to open the menu.
storage-full = The store's disk is full. Try again later.
trouble = Sorry, something is wrong on our side. Try again in a moment.

# The shop.
products = 🛍 <b>Products</b>
products-of-category = { $emoji } <b>{ $name }</b>
products-none = There are no products here yet. Look at another category, or try again later.
products-not-found = Nothing matches “{ $query }”. Try other words, or look at the categories.
products-foot = Stock as of { $time }. Press a number to see the product.
products-foot-page = Stock as of { $time } · page { $page }. Press a number to see the product.
product-line = { $number }. <b>{ $name }</b> – { $price } · stock: { $stock }
product-line-endless = { $number }. <b>{ $name }</b> – { $price }
stock-none = sold out
categories = 🗂 <b>Categories</b>
categories-none = There are no categories yet. Look at all products.
product =
    <b>{ $name }</b>

    { $description }

    💵 Price: <b>{ $price }</b>
    📦 Stock <b>{ $stock }</b> · as of { $time }
product-endless =
    <b>{ $name }</b>

    { $description }

    💵 Price: <b>{ $price }</b>
product-gone = That product is not sold any more. Choose another from the list.
checkout =
    🧾 <b>Check your order</b>

    { $name } × { $quantity }
    Subtotal: <b>{ $amount }</b>
    Your balance: { $balance }

    Choose how to pay. The service fee is added on the invoice.
checkout-no-method =
    🧾 { $name } × { $quantity } = <b>{ $amount }</b>
    Your balance: { $balance }

    There is no way yet to pay this amount. Order more or top your balance up, then try again.
banks =
    🏦 <b>Bank virtual account</b>
    To pay: <b>{ $amount }</b>

    Choose the bank. The service fee (±) is added on the invoice.
order-placed = 🧾 Order <code>{ $code }</code> is placed; its invoice is sent to this chat.
order-paid = ✅ Order <code>{ $code }</code> is paid. Thank you!

# Refusals and the way out; some are shown as answers to buttons (plain text of at most 200 characters).
out-of-stock = There are not enough left. Order fewer, or choose another product.
price-changed = The price has just changed. Look at the new one before you order.
too-many-unpaid-orders = Several orders of yours are still unpaid. Pay or cancel one of them, then order again.
amount-below-minimum = That amount is too small for this way to pay. Order more, or pay from your balance.
balance-too-low = Your balance does not hold enough. Top it up first, or pay another way.
gateway-unavailable = The payment service does not answer. Your money is safe and nothing is ordered twice: try again in a moment.
payment-method-unavailable = This way to pay is not available now. Choose another.
no-way-to-pay = None of the ways to pay here can pay for this now. Pay from your balance, or ask the seller.
order-not-payable = This order is paid, cancelled or expired, and can't be paid any more. See My orders.
too-many-payments = The way to pay this order was changed too often. Pay the bill that is open, pay from your balance, or order again.
invoice-unusable = The payment service sent a bill that can't be paid, so the order is cancelled. Nothing was paid. Order again later or pay another way.
order-not-cancellable = This order can't be cancelled any more: it is paid or has ended. See My orders.
nothing-to-send = This order has no goods that could be sent again.
not-found = That order was not found. See My orders.

# Orders.
orders = 📦 <b>My orders</b>
orders-none = You have not ordered anything yet. Have a look at the shop.
order-line = { $number }. { $state } { $name } – { $total } · { $time }
order =
    📦 <b>Order</b> <code>{ $code }</code>
    { $time }
order-item = • { $name } × { $quantity } – { $amount }
order-discount = Discount: { $amount }
order-fee = Service fee: { $amount }
order-total = Total: <b>{ $amount }</b>
order-paid-so-far = Paid so far: { $amount }
order-refunded = Refunded: { $amount }
state-pending = Waits for payment until { $time }
state-paid = Paid, the goods are on their way
state-manual = Paid, the seller is preparing it
state-unreachable = Paid. Send /start so that the bot can send the goods
state-undeliverable = Paid, but the goods can't be sent yet. The seller has been told
state-completed = Completed
state-cancelled = Cancelled
state-expired = Expired: not paid by { $time }
state-refunded = Refunded
state-unknown = Where it stands is not known yet
pay =
    💳 Order <code>{ $code }</code>
    To be paid: <b>{ $amount }</b>
    Your balance: { $balance }

    Choose how to pay. The service fee is added on the invoice.
pay-no-method =
    💳 Order <code>{ $code }</code>
    To be paid: <b>{ $amount }</b>
    Your balance: { $balance }

    There is no way yet to pay this amount. Top your balance up, then try again.
cancel-question = Do you really want to cancel order <code>{ $code }</code> ({ $name }, { $total })?
cancel-question-paid = Do you really want to cancel order <code>{ $code }</code> ({ $name }, { $total })? The { $amount } that you paid from your balance goes back there.

# Answers to buttons about payments: plain text of at most 200 characters.
payment-paid = Paid ✅
payment-missing = No payment has arrived yet. If you have just paid, wait a moment and check again.
payment-expired = This invoice has expired. Do not pay it any more; place a new order.
payment-cancelled = This invoice was cancelled. Do not pay it any more.
payment-returned = This payment was given back to your balance.
paid-from-balance = Paid ✅ from your balance.
goods-sent = Sent to this chat again.

# The balance.
wallet = 💰 Your balance: <b>{ $amount }</b>
wallet-receivable = You still owe { $amount } from a refund. What comes in next is used for that first.
wallet-entries = <b>What happened last</b>
wallet-no-entries = Nothing has happened yet.
wallet-entry = { $amount } · { $kind } · { $time }
wallet-entry-of-order = { $amount } · { $kind } · { $time } · <code>{ $code }</code>
entry-top-up = top-up
entry-purchase = purchase
entry-return = order not completed
entry-refund = refund
entry-credit = payment credited
entry-reversal = top-up given back
top-up =
    ➕ <b>Top up</b>

    Choose an amount, or write your own, such as <code>/topup 75000</code>.
    At least { $least }, at most { $most }. The balance gets this amount, without the service fee.
top-up-out-of-bounds = A top-up is at least { $least } and at most { $most }. Such as: <code>/topup 75000</code>.
top-up-name = Wallet top-up
amount-unreadable = “{ $amount }” is not an amount. Write it like 75000, 75.000, 75rb or 1.2jt.
amount-negative = “{ $amount }” is below zero. Write the amount without a minus sign.
amount-ambiguous = “{ $amount }” could mean more than one amount. Write it in full, without cents: 75.000.
amount-too-large = “{ $amount }” is too large. Check the digits.
top-up-methods =
    ➕ Top up <b>{ $amount }</b>

    Choose how to pay. The service fee is added on the invoice.
top-up-no-method = A top-up of <b>{ $amount }</b> can't be paid yet: the store has no way to pay it. Try again later.

# VIP.
vip-active = 💎 You are a VIP member until <b>{ $time }</b>.
vip-none =
    💎 <b>VIP films are for members only.</b>
    You are not a member yet, or your membership has ended.
plans = Choose a plan. If you are VIP already, your time is extended.
plan-line = • <b>{ $name }</b> – { $price } · { $days } days
plans-none = No VIP plan is sold yet. Try again later.
plans-none-seller = No VIP plan is sold yet. To become a member, write to <a href="tg://user?id={ $seller }">the seller</a>.

# Sellers.
fulfil-usage =
    Write the order's code, then the goods, which may have several lines:
    <code>/serahkan tg123-ab12cd34 goods for the buyer</code>
fulfil-goods = Nothing was handed over: the goods have a character in them that can't be seen, which copying may have brought along. Type them anew, and send them again.
fulfil-lines = Several items of order <code>{ $code }</code> still wait for you, or there is none with that number. Write the item's number behind the code:
fulfil-line = • { $name }: <code>/serahkan { $code }#{ $number } goods</code>
fulfilled = ✅ The goods of order <code>{ $code }</code> are handed over to its buyer.
nothing-to-fulfil = Order <code>{ $code }</code> waits for no goods of a seller. Check the code.
refund-usage =
    Write the order's code, how much (leave it out for all), where to, and why:
    <code>/refund tg123-ab12cd34 25000 saldo broken goods</code>
    Where to is <b>saldo</b> (the balance) or <b>gateway</b>.
refund-lines = Order <code>{ $code }</code> has several items, or none with that number. Write the number of the item whose money goes back behind the code:
refund-line = • { $name }, { $left } left: <code>/refund { $code }#{ $number } saldo reason</code>
refunded = ↩️ Order <code>{ $code }</code> is refunded: { $refunded } of { $paid } went back.
order-not-refundable = Order <code>{ $code }</code> is not paid, or less of it is left than that.
refund-unsupported = The money of order <code>{ $code }</code> can't go back through its gateway. Give it back to the balance: <code>/refund { $code } balance reason</code>
top-up-by-gateway-only = <code>{ $code }</code> is a top-up, so it can't go back to the balance. Give it back through the gateway: <code>/refund { $code } gateway reason</code>
top-up-not-refundable = <code>{ $code }</code> is a top-up, and its gateway can't give money back, so it can't be refunded from here. The balance can still be spent; if the buyer wants the money, transfer it yourself outside of the bot.
review-arrived-question = Record <b>{ $amount }</b> as money that has arrived? Make sure that you see it in the payment dashboard: the order goes on at once, or the money goes to the buyer's balance.
review-no-money-question = Has no money arrived, and is there nothing to record? Make sure in the payment dashboard.
review-refunded-question = Has the money gone back to the buyer? Make sure in the payment dashboard.
review-not-refunded-question = Has the money not gone back to the buyer? You can refund it again after this. Make sure in the payment dashboard.
review-arrived = ✅ { $amount } is recorded as money that has arrived.
review-no-money = 🚫 Recorded: no money has arrived.
review-refunded = ✅ Recorded: the money went back to the buyer.
review-not-refunded = 🚫 Recorded: the money did not go back. It can be refunded again.
review-kept = All right, nothing was changed.
review-gone = This has been dealt with.
review-refund-not-closable = This refund has been dealt with, or its gateway may still be at it. Try again 5 minutes after it was begun.
review-note = answered in the chat
sellers-only = This is for sellers only.
seller-not-found = Order <code>{ $code }</code> was not found. Check the code.

# Buttons and commands: plain text.
button-review-yes = ✅ Yes, record it
button-review-no = Cancel
button-open = 🎬 Open { $store }
button-open-title = ▶️ See this film
button-open-product = 📱 See it in the app
button-open-wallet = 📱 Whole history
button-help = ❓ Help
button-language = 🌐 Language
button-shop = 🛍 Shop
button-plans = 💎 VIP
button-wallet = 💰 Balance
button-orders = 📦 My orders
button-menu = 🏠 Menu
button-back = ◀️ Back
button-categories = 🗂 Categories
button-all-products = 🛍 All products
button-buy = ⚡ Buy now · { $amount }
button-free = 🎁 Take it, for free
button-from-balance = 💰 Pay from balance ({ $amount })
button-partly = 💰 Balance { $amount } + QRIS
button-method = 📱 { $method } · fee ± { $fee }
button-method-free = 📱 { $method }
button-banks = 🏦 Bank virtual account
button-bank = { $method } · ± { $fee }
button-order = 🧾 See the order
button-other-method = 💳 Pay another way
button-new-price = 🧾 See the new price
button-again = 🔄 Try again
button-top-up = ➕ Top up
button-invoice = 🧾 Send the invoice
button-check = 🔄 Check status
button-pay = 💳 Pay
button-cancel = ❌ Cancel
button-cancel-yes = ❌ Yes, cancel it
button-cancel-no = ◀️ No, keep it
button-goods = 📤 Send again
command-start = The main menu
command-products = The products
command-orders = My orders
command-wallet = Balance and top-up
command-plans = VIP membership
command-help = Help
command-language = Change the language
