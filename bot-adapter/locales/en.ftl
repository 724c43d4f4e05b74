# Conversation. Telegram's HTML; the values { $… } are safe already.
welcome =
    Hello, <b>{ $name }</b>! 👋
    Welcome to <b>{ $store }</b>.

    Press the button below, choose a film, and it is sent to this chat at once.
help =
    <b>How to use { $store }</b>

    1. Press <b>Open { $store }</b>.
    2. Choose the film that you want to watch.
    3. The film comes to this chat. Press the button under it to play the video.

    /start – begin anew
    /language – change the language
    /help – this help
language-question = Which language do you prefer?
language-chosen = Fine, we speak English from now on.
title =
    🎬 <b>{ $title }</b>
    Episodes: { $episodes }

    { $synopsis }
title-unknown = That film is not here any more. Open the list of films to find another.
membership =
    <b>VIP films are for members only.</b>

    To become a member, write to the seller.
membership-seller =
    <b>VIP films are for members only.</b>

    To become a member, write to <a href="tg://user?id={ $seller }">the seller</a>.
unknown = Sorry, I don't understand that yet. Press the button below for the list of films, or /help for help.

# Links from the Mini App.
token-unknown = This link is not known. Choose the film again in the list of films.
token-used = This link was used already. If the film has not come, choose it again in the list of films.
token-expired = This link is too old. Choose the film again in the list of films.
token-foreign = This link is somebody else's. Choose the film yourself in the list of films.
request-failed = Sorry, that film can't be sent yet. The seller has been told; try again later.

# Answers to buttons: plain text of at most 200 characters.
vip-required = This episode is for VIP members, and you are none yet or your membership has ended. Send /start vip to learn how to become one.
video-missing = This episode has no video yet. Try again later.
episode-unknown = This episode is not here any more. Open the list of films to find another.
button-unknown = This button is of no use any more. Send /start for new ones.
too-many-calls = Too fast. Wait a moment, then press again.
storage-full = The store's disk is full. Try again later.
trouble = Sorry, something is wrong on our side. Try again in a moment.

# Buttons and commands: plain text.
button-open = 🎬 Open { $store }
button-open-title = ▶️ See this film
button-help = ❓ Help
button-language = 🌐 Language
command-start = Begin
command-help = Help
command-language = Change the language
