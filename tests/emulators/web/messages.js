// Bubbles: formatted text, pictures, videos, and buttons.

import { attempt, el, icon, showText } from "./dom.js";
import { currentLanguage, word } from "./words.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

/** Turns a text and its entities into nodes. Offsets are UTF-16 units, which is how JavaScript counts too. */
export function formatted(text, entities, actions) {
  const render = (from, to, list) => {
    const nodes = [];
    let at = from;
    for (let index = 0; index < list.length; index += 1) {
      const entity = list[index];
      const end = Math.min(entity.offset + entity.length, to);
      if (entity.offset < at) continue;
      if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
      const inner = list.slice(index + 1).filter((other) => other.offset < end);
      nodes.push(wrap(entity, text.slice(entity.offset, end), render(entity.offset, end, inner), actions));
      at = end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return render(0, text.length, entities);
}

function wrap(entity, plain, nodes, actions) {
  const link = (address) => el("a", {
    href: address, rel: "noopener noreferrer",
    click: (event) => { event.preventDefault(); actions.openLink(address); },
  }, ...nodes);
  switch (entity.type) {
    case "text_link": return link(entity.url);
    case "url": return link(/^[a-z]+:/i.test(plain) ? plain : `https://${plain}`);
    case "mention": return link(`https://t.me/${plain.slice(1)}`);
    case "bot_command":
      return el("button", { class: "command", click: () => actions.sendText(plain) }, ...nodes);
    case "spoiler":
      return el("button", {
        class: "spoiler", "aria-label": word("spoiler"),
        click: (event) => { event.currentTarget.classList.add("shown"); event.currentTarget.removeAttribute("aria-label"); },
      }, ...nodes);
    default: return el(TAGS[entity.type] ?? "span", {}, ...nodes);
  }
}

export function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(currentLanguage(), { hour: "2-digit", minute: "2-digit" });
}

/** One line that stands for a message in the list of chats. */
export function preview(message) {
  if (!message) return word("empty");
  if (message.service) return word("writeAllowed");
  const parts = [message.media && word(message.media.kind), message.text.replace(/\s+/g, " ").slice(0, 90)];
  return parts.filter(Boolean).join(" · ");
}

/** A message as a list item. */
export function bubble(message, files, actions) {
  const attributes = { "data-testid": `message-${message.message_id}`, "data-message-id": message.message_id };
  if (message.service) {
    return el("li", { ...attributes, class: "service" }, el("span", {}, word("writeAllowed")));
  }
  const side = message.from_bot ? "in" : "out";
  const file = message.media && files[message.media.file_unique_id];
  const body = el("div", { class: `bubble${file ? " with-media" : ""}${message.protect_content ? " protected" : ""}` });
  if (message.deleted) {
    body.append(el("p", { class: "text gone" }, word("deleted")));
  } else {
    if (file) body.append(media(message.media, file));
    if (message.text) {
      const text = el("div", { class: "text", dir: "auto", "data-testid": "message-text" });
      text.append(...formatted(message.text, message.entities, actions));
      body.append(text);
    }
  }
  body.append(stamp(message));
  const item = el("li", { ...attributes, class: `message ${side}`, "data-from": message.from_bot ? "bot" : "user" }, body);
  if (!message.deleted && message.keyboard.length) item.append(keyboard(message, actions));
  return item;
}

function stamp(message) {
  const node = el("span", { class: "stamp" });
  if (message.protect_content) {
    const lock = icon("lock", 12);
    node.append(el("span", { title: word("protected"), role: "img", "aria-label": word("protected"), "data-testid": "message-protected" }, lock));
  }
  if (message.edit_date && !message.deleted) node.append(`${word("edited")} `);
  node.append(el("time", { datetime: new Date(message.date * 1000).toISOString() }, time(message.date)));
  if (!message.from_bot) node.append(icon("check", 14));
  return node;
}

function media(item, file) {
  if (item.kind === "photo") return photo(item, file);
  if (item.kind === "video") return video(item, file);
  return documentCard(item, file);
}

/** The longest text file that is shown on the page, in bytes; a longer one is only offered for saving. */
const SHOWN_BYTES_MAX = 1_000_000;

/** A file: a text is shown in a window, anything else saved. */
function documentCard(item, file) {
  const name = file.file_name ?? word("document");
  const address = file.url ?? `/sim/files/${encodeURIComponent(item.file_unique_id)}`;
  const about = el("span", { class: "document-about" }, el("span", { class: "document-name" }, name), el("span", { class: "document-size" }, size(file.size)));
  const isText = file.mime_type?.startsWith("text/") && !file.url && file.size <= SHOWN_BYTES_MAX;
  if (!isText) {
    return el("a", { class: "document", href: address, download: name, "data-testid": "message-document" }, icon("file", 28), about);
  }
  const show = () => attempt(async () => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.statusText);
    showText(name, await response.text(), address);
  });
  return el("button", { class: "document", "data-testid": "message-document", click: show }, icon("file", 28), about);
}

function size(bytes) {
  const number = (value) => value.toLocaleString(currentLanguage(), { maximumFractionDigits: 1 });
  return bytes < 1024 ? `${number(bytes)} B` : bytes < 1024 ** 2 ? `${number(bytes / 1024)} KB` : `${number(bytes / 1024 ** 2)} MB`;
}

function photo(item, file) {
  const frame = el("div", { class: "photo", "data-testid": "message-photo" });
  frame.style.aspectRatio = `${file.width || 4} / ${file.height || 3}`;
  const image = el("img", {
    src: file.url ?? `/sim/files/${encodeURIComponent(item.file_unique_id)}`, alt: word("photo"), loading: "lazy",
    error: () => { frame.classList.add("missing"); frame.replaceChildren(icon("picture", 44)); },
    // The size in the file may differ from what Telegram was told.
    load: () => { frame.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`; },
  });
  if (item.has_spoiler) image.classList.add("hidden-media");
  frame.append(image);
  return frame;
}

function video(item, file) {
  const length = `${Math.floor(file.duration / 60)}:${String(file.duration % 60).padStart(2, "0")}`;
  const bar = el("span", { class: "video-bar" });
  bar.style.setProperty("--duration", `${Math.max(file.duration, 1)}s`);
  const play = el("button", {
    class: "video-play", "aria-label": word("play"), "aria-pressed": "false", "data-testid": "video-play",
    click: () => {
      const playing = card.classList.toggle("playing");
      play.setAttribute("aria-pressed", String(playing));
      play.setAttribute("aria-label", word(playing ? "pause" : "play"));
    },
  });
  const card = el("div", { class: "video", "data-testid": "message-video", "data-file-unique-id": item.file_unique_id },
    el("span", { class: "video-length" }, length), play,
    file.file_name ? el("span", { class: "video-name" }, file.file_name) : null, bar);
  return card;
}

function keyboard(message, actions) {
  const rows = el("div", { class: "keyboard", "data-testid": "inline-keyboard" });
  for (const row of message.keyboard) {
    const line = el("div", { class: "keyboard-row" });
    for (const button of row) {
      const mark = { web_app: ["app", "opensApp"], url: ["link", "opensLink"] }[button.action.kind];
      const node = el("button", {
        class: "keyboard-button", "data-testid": "inline-button", "data-action": button.action.kind,
        click: () => actions.press(message, button, node),
      }, el("span", {}, button.text));
      if (mark) {
        const corner = el("span", { class: "corner", role: "img", "aria-label": word(mark[1]) });
        corner.append(icon(mark[0], 12));
        node.append(corner);
      }
      line.append(node);
    }
    rows.append(line);
  }
  return rows;
}
