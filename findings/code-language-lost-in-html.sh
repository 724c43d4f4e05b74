#!/usr/bin/env bash
# aiogram 3.31.0, python-telegram-bot 22.8 and pyTelegramBotAPI 4.37.1, and a code block with a language, written as HTML.
#
# Guess: the HTML that a library makes of a message is what the Bot API takes, so that a text which is sent again looks as
# before.
# So it is: the Bot API takes a language as `<code class="language-c++">` (its page of formatting options). aiogram writes
# it into an attribute `language`, python-telegram-bot leaves `language-` out: the block is sent, and its language is gone.
# pyTelegramBotAPI alone writes what is read. And aiogram's Markdown names a custom emoji by `emoji_id`, where the Bot API
# reads `id`: the emoji comes back as a link's text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aiogram==3.31.0 python-telegram-bot==22.8 pyTelegramBotAPI==4.37.1
cat >look.py <<'PY'
import json

import aiogram
import telebot
import telegram


def message(text, entity):
    user = {"id": 7, "is_bot": False, "first_name": "Budi"}
    chat = {"id": 7, "type": "private", "first_name": "Budi"}
    return {"message_id": 5, "date": 1796000000, "chat": chat, "from": user, "text": text, "entities": [entity]}


code = message("a ok", {"type": "pre", "offset": 0, "length": 1, "language": "c++"})
emoji = message("👍 ok", {"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "5368324170671202286"})
seen = {
    "aiogram HTML": aiogram.types.Message.model_validate(code).html_text,
    "python-telegram-bot HTML": telegram.Message.de_json(code, None).text_html,
    "pyTelegramBotAPI HTML": telebot.types.Message.de_json(json.dumps(code)).html_text,
    "aiogram Markdown": aiogram.types.Message.model_validate(emoji).md_text,
    "python-telegram-bot Markdown": telegram.Message.de_json(emoji, None).text_markdown_v2,
}
for name, text in seen.items():
    print(f"{name}: {text}")
assert seen == {
    "aiogram HTML": '<pre><code language="language-c++">a</code></pre> ok',
    "python-telegram-bot HTML": '<pre><code class="c++">a</code></pre> ok',
    "pyTelegramBotAPI HTML": '<pre><code class="language-c++">a</code></pre> ok',
    "aiogram Markdown": "![👍](tg://emoji?emoji_id=5368324170671202286) ok",
    "python-telegram-bot Markdown": "![👍](tg://emoji?id=5368324170671202286) ok",
}, "another version, or another behaviour"
PY
venv/bin/python look.py
