// The page: who you are, the chats, the open chat, and what you can do in it.

import { $, ask, attempt, avatar, el, icon, request, setIcon, toast } from "./dom.js";
import { bubble, preview, time } from "./messages.js";
import * as miniApp from "./mini-app.js";
import { currentLanguage, setLanguage, word } from "./words.js";

const state = { users: [], user: null, bot: null, chat: null, payload: null, dark: false, events: null };

const chatPath = (action) => `/sim/users/${state.user}/bots/${state.bot}/${action}`;
const person = () => state.users.find((user) => user.id === state.user);

// ---- Where we are: the address keeps user and bot, so that a reload or a link comes back here ----

function readAddress() {
  const place = new URLSearchParams(location.hash.slice(1));
  return { user: Number(place.get("user")) || null, bot: Number(place.get("bot")) || null, link: place.get("link") };
}

function go(user, bot) {
  const place = new URLSearchParams();
  if (user) place.set("user", user);
  if (bot) place.set("bot", bot);
  const hash = `#${place}`;
  if (location.hash === hash) arrive();
  else location.hash = hash;
}

async function arrive() {
  const place = readAddress();
  const before = state.user;
  state.user = state.users.some((user) => user.id === place.user) ? place.user : state.users[0]?.id ?? null;
  if (state.bot !== place.bot || before !== state.user) {
    $("messages").replaceChildren();
    $("toasts").replaceChildren();
    shown.clear();
    drawnFooter = "";
    closeMenu();
    if (state.bot !== place.bot) state.payload = pendingPayload;
    pendingPayload = null;
  }
  state.bot = place.bot;
  document.body.classList.toggle("chat-open", Boolean(state.bot));
  if (before !== state.user) {
    // It was opened by somebody else.
    if (before !== null) miniApp.close();
    listen();
  }
  setLanguage(person()?.language_code);
  await refresh();
  if (place.link) {
    go(state.user, state.bot);
    await openLink(place.link);
  }
}

let pendingPayload = null;

// ---- Keeping up with the emulator ----

function listen() {
  state.events?.close();
  state.events = new EventSource(`/sim/users/${state.user}/events`);
  state.events.addEventListener("changed", () => refresh());
  state.events.addEventListener("error", () => document.body.classList.add("offline"));
  state.events.addEventListener("open", () => document.body.classList.remove("offline"));
}

let refreshing = null;
let again = false;

/** Fetches and draws everything; calls during a run lead to one more run after it. */
function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      await attempt(load);
    } while (again);
    refreshing = null;
  })();
  return refreshing;
}

async function load() {
  const { user, bot } = state;
  if (!user) return;
  const [people, list, chat] = await Promise.all([
    request("GET", "/sim/users"),
    request("GET", `/sim/users/${user}/chats`),
    bot ? request("GET", `/sim/users/${user}/bots/${bot}/chat`) : null,
  ]);
  if (user !== state.user || bot !== state.bot) return;
  state.users = people.users;
  state.chat = chat;
  setLanguage(person()?.language_code);
  drawPeople();
  drawChats(list.chats);
  drawHead();
  drawMessages();
  drawFooter();
}

// ---- The side: people, chats, theme, language ----

function drawPeople() {
  const nodes = state.users.map((user) => el("button", {
    class: "person", role: "radio", "aria-checked": String(user.id === state.user), tabindex: user.id === state.user ? 0 : -1,
    "data-testid": `user-${user.id}`, click: () => go(user.id, state.bot),
  }, avatar(user.id, user.first_name, "large"), el("span", { class: "person-name" }, user.first_name), el("span", { class: "person-note" }, user.note[currentLanguage()] ?? "")));
  const focused = document.activeElement?.dataset?.testid;
  $("people").replaceChildren(...nodes);
  nodes.find((node) => node.dataset.testid === focused)?.focus();
}

$("people").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = state.users.findIndex((user) => user.id === state.user);
  const next = state.users[(at + step + state.users.length) % state.users.length];
  $("people").querySelector(`[data-testid="user-${next.id}"]`)?.focus();
  go(next.id, state.bot);
});

function drawChats(chats) {
  $("chats").replaceChildren(...chats.map((chat) => el("li", {}, el("button", {
    class: "chat-entry", "aria-current": chat.bot.id === state.bot ? "true" : null, "data-testid": `chat-${chat.bot.id}`,
    click: () => go(state.user, chat.bot.id),
  }, avatar(chat.bot.id, chat.bot.name, "medium"), el("span", { class: "chat-entry-text" },
    el("span", { class: "chat-entry-line" }, el("strong", {}, chat.bot.name),
      el("time", {}, chat.last_message ? time(chat.last_message.date) : "")),
    el("span", { class: "chat-entry-last" }, chat.blocked ? word("blocked") : preview(chat.last_message)))))));
}

function drawTheme() {
  document.documentElement.dataset.theme = state.dark ? "dark" : "light";
  setIcon($("theme"), state.dark ? "sun" : "moon", word(state.dark ? "themeToLight" : "themeToDark"));
}

$("theme").addEventListener("click", () => {
  state.dark = !state.dark;
  localStorage.setItem("theme", state.dark ? "dark" : "light");
  drawTheme();
  miniApp.themeChanged(state.dark);
});

$("language").addEventListener("click", () => attempt(async () => {
  const language_code = currentLanguage() === "id" ? "en" : "id";
  await request("PATCH", `/sim/users/${state.user}`, { language_code });
  shown.clear();
  $("messages").replaceChildren();
  await refresh();
  miniApp.labels();
  // An app is told its user's language when it is opened.
  if (miniApp.isOpen()) await openFromMenu();
}));

// ---- The open chat ----

function drawHead() {
  const { chat } = state;
  setIcon($("back"), "back", word("back"));
  setIcon($("more"), "more", word("more"));
  $("more").hidden = !chat;
  // Once the chat is started, the menu button stands beside the input.
  $("open-app").hidden = chat?.menu_button?.type !== "web_app" || (chat.started && !chat.blocked);
  $("open-app").textContent = word("open");
  $("open-app").setAttribute("aria-label", word("openApp"));
  $("language").textContent = currentLanguage().toUpperCase();
  // Who speaks to the page says what is written on the button.
  $("language").setAttribute("aria-label", `${$("language").textContent}: ${word("languageTo")}`);
  $("language").title = word("languageTo");
  drawTheme();
  $("chat-avatar").replaceChildren(...(chat ? [avatar(chat.bot.id, chat.bot.name, "medium")] : []));
  $("chat-name").textContent = chat?.bot.name ?? "";
  $("acting-as").textContent = word("actingAs", { name: person().first_name });
  $("acting-as").parentElement.hidden = !chat;
  const doing = chat?.action && (chat.action === "typing" ? "typing" : "sending");
  $("chat-status").textContent = chat ? word(doing || (chat.blocked ? "blocked" : "bot")) : "";
  $("chat-status").classList.toggle("active", Boolean(doing));
  // The action ends by itself, without an event.
  if (doing) setTimeout(refresh, 5200);
  document.title = chat ? `${chat.bot.name} · ${word("title")}` : word("title");
}

const shown = new Map();

/** Draws what changed, and stays at the end if the end was in view. */
function drawMessages() {
  const { chat } = state;
  const history = $("history");
  const list = $("messages");
  if (!chat) {
    list.replaceChildren(el("li", { class: "service" }, el("span", {}, word("noChat"))));
    return;
  }
  const atEnd = history.scrollHeight - history.scrollTop - history.clientHeight < 80 || shown.size === 0;
  if (shown.size === 0) list.replaceChildren(el("li", { class: "service" }, el("span", {}, word(chat.messages.length ? "today" : "startHint"))));
  const present = new Set(chat.messages.map((message) => message.message_id));
  for (const [id, entry] of shown) {
    if (!present.has(id)) {
      entry.node.remove();
      shown.delete(id);
    }
  }
  let added = false;
  for (const message of chat.messages) {
    const text = JSON.stringify(message);
    const entry = shown.get(message.message_id);
    if (entry?.text === text) continue;
    const node = bubble(message, chat.files, actions);
    if (entry) entry.node.replaceWith(node);
    else list.append(node);
    added ||= !entry;
    shown.set(message.message_id, { text, node });
  }
  if (atEnd && (added || history.scrollTop === 0)) history.scrollTop = history.scrollHeight;
}

// A picture that arrives late makes the history longer: stay at its end.
new ResizeObserver(() => {
  const history = $("history");
  if (history.scrollHeight - history.scrollTop - history.clientHeight < 700) history.scrollTop = history.scrollHeight;
}).observe($("messages"));

let drawnFooter = "";

/** The footer keeps what is being written: it is drawn anew only when its kind changes. */
function drawFooter() {
  const { chat, payload } = state;
  const kind = JSON.stringify(chat && [chat.blocked, chat.started, payload, chat.menu_button, chat.commands, currentLanguage(), state.user, state.bot]);
  if (kind === drawnFooter) return;
  drawnFooter = kind;
  const wide = (id, text, action) => el("button", { class: "wide-button", "data-testid": id, click: action }, text);
  if (!chat) $("footer").replaceChildren();
  else if (payload !== null || (!chat.started && !chat.blocked)) $("footer").replaceChildren(wide("start-button", word("start"), () => start(payload)));
  else if (chat.blocked) $("footer").replaceChildren(wide("unblock-button", word("unblock"), () => act("unblock")));
  else $("footer").replaceChildren(...composer(chat));
}

function composer(chat) {
  const input = el("textarea", { id: "composer", rows: 1, "aria-label": word("message"), placeholder: word("write"), maxlength: 4096, "data-testid": "composer-input" });
  const suggestions = el("div", { class: "suggestions", role: "listbox", "aria-label": word("commands"), "data-testid": "command-list", hidden: true });
  const offer = (prefix) => {
    const fitting = prefix === null ? [] : chat.commands.filter((command) => `/${command.command}`.startsWith(prefix));
    suggestions.hidden = fitting.length === 0;
    suggestions.replaceChildren(...fitting.map((command) => el("button", {
      role: "option", class: "suggestion", "data-testid": `command-${command.command}`,
      click: () => { offer(null); sendText(`/${command.command}`); input.value = ""; },
    }, el("b", {}, `/${command.command}`), ` ${command.description}`)));
  };
  const submit = async () => {
    const text = input.value;
    if (!text.trim()) return;
    input.value = "";
    grow();
    offer(null);
    if (await sendText(text) === undefined) input.value = text;
  };
  const grow = () => { input.style.height = "auto"; input.style.height = `${Math.min(input.scrollHeight, 140)}px`; };
  input.addEventListener("input", () => { grow(); offer(/^\/\S*$/.test(input.value) ? input.value : null); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") offer(null);
  });
  const send = el("button", { class: "send-button", "data-testid": "send-button", "aria-label": word("send"), click: submit });
  send.append(icon("send"));
  return [suggestions, menuButton(chat, input, offer, suggestions), el("div", { class: "composer" }, input), send].filter(Boolean);
}

function menuButton(chat, input, offer, suggestions) {
  const button = chat.menu_button;
  if (button?.type === "web_app") {
    return el("button", { class: "menu-pill", "data-testid": "menu-button", click: () => openFromMenu() }, icon("app", 18), el("span", {}, button.text));
  }
  if (!chat.commands.length) return null;
  return el("button", {
    class: "menu-pill", "data-testid": "menu-button", click: () => { offer(suggestions.hidden ? "/" : null); input.focus(); },
  }, icon("menu", 18), el("span", {}, word("menu")));
}

// ---- What you can do ----

const act = (action, body = {}) => attempt(async () => {
  const answer = await request("POST", chatPath(action), body);
  await refresh();
  return answer;
});

const sendText = (text) => act("text", { text });

async function start(payload) {
  state.payload = null;
  await act("start", { payload });
}

const launchContext = () => ({ user: state.user, bot: state.bot, name: state.chat.bot.name, dark: state.dark, openLink, openOutside });

/** Opens a page in a tab of its own. Whoever comes back from there is who went. */
function openOutside(url) {
  localStorage.setItem("left", JSON.stringify({ user: state.user, bot: state.bot }));
  window.open(url, "_blank", "noopener");
}

/** Who went to a page outside, and from which chat. */
function whoLeft() {
  try {
    return JSON.parse(localStorage.getItem("left")) ?? {};
  } catch {
    return {};
  }
}

const openFromMenu = () => attempt(async () => {
  const launch = await request("POST", chatPath("mini_app"), { source: "menu", dark: state.dark });
  await miniApp.openMiniApp(launch, launchContext());
});

/** Opens a link as Telegram does: its own inside, the rest in the browser. */
const openLink = (url) => attempt(async () => {
  const answer = await request("POST", `/sim/users/${state.user}/open_link`, { url, dark: state.dark }).catch((error) => {
    if (error.reason === "unknown_bot") throw new Error(word("unknownLink"));
    throw error;
  });
  if (answer.link.kind === "external") {
    openOutside(answer.link.url);
    return;
  }
  if (answer.launch) {
    if (answer.bot !== state.bot) go(state.user, answer.bot);
    await refresh();
    const { chats } = await request("GET", `/sim/users/${state.user}/chats`);
    const name = chats.find((chat) => chat.bot.id === answer.bot)?.bot.name ?? "";
    await miniApp.openMiniApp(answer.launch, { ...launchContext(), bot: answer.bot, name });
    return;
  }
  miniApp.minimize();
  const payload = answer.link.payload;
  if (answer.bot === state.bot) {
    state.payload = payload;
    drawFooter();
  } else {
    pendingPayload = payload;
    go(state.user, answer.bot);
  }
});

const press = (message, button, node) => attempt(async () => {
  node.classList.add("busy");
  try {
    const pressed = await request("POST", chatPath("press"), { message_id: message.message_id, label: button.text, dark: state.dark });
    if (pressed.kind === "callback") await showAnswer(pressed.query_id);
    else if (pressed.kind === "url") await openLink(pressed.url);
    else if (pressed.kind === "web_app") await miniApp.openMiniApp(pressed.launch, launchContext());
    else if (pressed.kind === "copied") {
      await navigator.clipboard?.writeText(pressed.text).catch(() => {});
      toast(word("copied"));
    }
  } finally {
    node.classList.remove("busy");
  }
});

async function showAnswer(queryId) {
  const { answer } = await request("GET", `/sim/callbacks/${queryId}?wait_ms=15000`);
  if (!answer) toast(word("noAnswer"));
  else if (answer.url) await openLink(answer.url);
  else if (answer.text && answer.show_alert) await ask({ message: answer.text, buttons: [{ id: "ok", text: word("ok") }] });
  else if (answer.text) toast(answer.text);
}

const actions = { openLink, sendText, press };

// ---- The chat's menu ----

function closeMenu() {
  $("more-menu").hidden = true;
  $("more").setAttribute("aria-expanded", "false");
}

$("more").addEventListener("click", () => {
  const { chat } = state;
  if (!chat || !$("more-menu").hidden) return closeMenu();
  const entry = (id, text, action, kind = "") => el("button", {
    role: "menuitem", class: `menu-item ${kind}`, "data-testid": id, click: () => { closeMenu(); action(); },
  }, text);
  const video = { file_name: "contoh.mp4", duration: 42 };
  $("more-menu").replaceChildren(...[
    entry("menu-restart", word("restart"), () => start(null)),
    chat.menu_button?.type === "web_app" ? entry("menu-open-app", word("openApp"), openFromMenu) : null,
    chat.blocked ? null : entry("menu-send-video", word("sendVideo"), () => act("video", video)),
    chat.blocked ? entry("menu-unblock", word("unblock"), () => act("unblock")) : entry("menu-block", word("block"), () => act("block"), "destructive"),
  ].filter(Boolean));
  $("more-menu").hidden = false;
  $("more").setAttribute("aria-expanded", "true");
  $("more-menu").querySelector("button").focus();
  return undefined;
});

$("open-app").addEventListener("click", () => openFromMenu());
document.addEventListener("click", (event) => {
  if (!event.target.closest(".menu-anchor")) closeMenu();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("more-menu").hidden) {
    closeMenu();
    $("more").focus();
  }
});
$("back").addEventListener("click", () => go(state.user, null));

// ---- Begin ----

state.dark = (localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
miniApp.labels();
attempt(async () => {
  state.users = (await request("GET", "/sim/users")).users;
  const place = location.hash ? readAddress() : whoLeft();
  const { bots } = await request("GET", "/sim/bots");
  const wide = matchMedia("(min-width: 800px)").matches;
  window.addEventListener("hashchange", arrive);
  if (place.link) arrive();
  else go(place.user ?? state.users[0]?.id, place.bot ?? (wide ? bots.find((bot) => bot.role === "main")?.id ?? bots[0]?.id : null));
});
