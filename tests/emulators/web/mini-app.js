// The Mini App in its sheet, and Telegram's protocol between a web client and the app in an iframe.

import { $, ask, el, request, setIcon } from "./dom.js";
import { word } from "./words.js";

let current = null;
let themes = null;

/** With room for both, the app stands beside the chat, as the window of a desktop client does; else it lies over the chat. */
const roomy = matchMedia("(min-width: 1100px)");

/** Opens the sheet with a launch. `context` names user, bot, title, dark, and what links do. */
export async function openMiniApp(launch, context) {
  themes ??= await request("GET", "/sim/themes");
  close();
  const frame = el("iframe", {
    src: launch.url, "data-testid": "mini-app-frame", allow: "clipboard-write; fullscreen",
    sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals",
  });
  current = { launch, context, frame, origin: new URL(launch.url).origin, heard: false, confirm: false, reloadable: false, expanded: true, buttons: {}, surfaces: {} };
  $("mini-app-title").textContent = context.name;
  $("mini-app-back").hidden = true;
  $("mini-app-close").hidden = false;
  for (const kind of BUTTONS) setupButton(kind, { is_visible: false });
  $("mini-app-head").removeAttribute("style");
  $("mini-app-foot").removeAttribute("style");
  $("mini-app-frame").replaceChildren(frame);
  labels();
  show();
}

function show() {
  const sheet = $("mini-app");
  sheet.close();
  if (roomy.matches) sheet.show();
  else sheet.showModal();
  document.body.classList.toggle("app-beside", roomy.matches);
  $("mini-app-restore").hidden = true;
}

/** Makes way for the chat. The app runs on, as it does in Telegram since Bot API 7.0. */
export function minimize() {
  if (!current || roomy.matches) return;
  $("mini-app").close();
  $("mini-app-restore").hidden = false;
}

export function labels() {
  $("mini-app-restore").textContent = word("restoreApp", { name: current?.context.name ?? "" });
  if (current) current.frame.title = word("appTitle", { name: current.context.name });
  setIcon($("mini-app-back"), "back", word("back"));
  setIcon($("mini-app-close"), "close", word("close"));
  setIcon($("mini-app-reload"), "reload", word("reload"));
}

export function isOpen() {
  return current !== null;
}

/** Tells the open app that the theme changed. */
export function themeChanged(dark) {
  if (!current) return;
  current.context.dark = dark;
  post("theme_changed", { theme_params: theme() });
  for (const kind of BUTTONS) setupButton(kind, current.buttons[kind]);
  for (const [name, data] of Object.entries(current.surfaces)) paint(name, data);
}

export function close() {
  if (!current) return;
  current = null;
  $("mini-app-frame").replaceChildren();
  $("mini-app").close();
  $("mini-app-restore").hidden = true;
  document.body.classList.remove("app-beside");
}

async function closeByUser() {
  if (current?.confirm) {
    const buttons = [{ id: "leave", text: word("leave"), kind: "destructive" }, { id: "stay", text: word("cancel") }];
    if (await ask({ message: word("leaveApp"), buttons }) !== "leave") return;
  }
  close();
}

function post(eventType, eventData = {}) {
  // Before its first message the frame may still be empty, and of our own origin.
  if (!current?.heard) return;
  // Nothing in it is a secret, and a frame that is just then elsewhere, as when it loads anew, is no error.
  current.frame.contentWindow.postMessage(JSON.stringify({ eventType, eventData }), "*");
}

function viewport(stable = true) {
  if (!current) return;
  const { clientHeight: height, clientWidth: width } = $("mini-app-frame");
  post("viewport_changed", { height, width, is_expanded: current.expanded, is_state_stable: stable });
}

const theme = () => themes[current.context.dark ? "dark" : "light"];

const BUTTONS = ["main", "secondary"];

/** The colours of a button to which the app gives none: those of the theme. */
function buttonColours(kind) {
  const { button_color: button, button_text_color: text, bottom_bar_bg_color: bar } = theme();
  return kind === "main" ? { ground: button, ink: text } : { ground: bar, ink: button };
}

/** Draws a button as the app wants it, and remembers how. */
function setupButton(kind, options) {
  current.buttons[kind] = options;
  const node = $(`mini-app-${kind}`);
  const { ground, ink } = buttonColours(kind);
  node.hidden = !options.is_visible;
  node.disabled = options.is_active === false || Boolean(options.is_progress_visible);
  node.classList.toggle("busy", Boolean(options.is_progress_visible));
  node.classList.toggle("shine", Boolean(options.has_shine_effect));
  if (options.text !== undefined) node.textContent = options.text;
  node.style.backgroundColor = options.color ?? ground;
  node.style.color = options.text_color ?? ink;
  node.style.order = { left: -1, right: 1, top: -1, bottom: 1 }[options.position] ?? 0;
  $("mini-app-foot").classList.toggle("stacked", ["top", "bottom"].includes(options.position));
  $("mini-app-foot").hidden = $("mini-app-main").hidden && $("mini-app-secondary").hidden;
}

function colour(data) {
  return data.color ?? theme()[data.color_key] ?? "";
}

/** Black or white, whichever reads better on a colour. */
function inkOn(background) {
  const [red, green, blue] = (background.match(/[0-9a-f]{2}/gi) ?? ["ff", "ff", "ff"]).map((part) => parseInt(part, 16));
  return red * 299 + green * 587 + blue * 114 > 150000 ? "#0f1419" : "#ffffff";
}

/** Colours a part of the sheet as the app wants it, and remembers how: a name of the theme is another colour in another. */
function paint(name, data) {
  current.surfaces[name] = data;
  const background = colour(data);
  const { style } = $(`mini-app-${name}`);
  style.background = background;
  if (name === "head") style.color = background ? inkOn(background) : "";
}

async function requestWriteAccess() {
  const { context } = current;
  const chat = await request("GET", `/sim/users/${context.user}/bots/${context.bot}/chat`);
  if ((chat.started || chat.write_access) && !chat.blocked) return post("write_access_requested", { status: "allowed" });
  const buttons = [{ id: "allow", text: word("allow") }, { id: "cancel", text: word("cancel") }];
  const allowed = await ask({ message: word("askWrite", { name: context.name }), buttons }) === "allow";
  if (allowed) await request("POST", `/sim/users/${context.user}/bots/${context.bot}/allow_write`);
  return post("write_access_requested", { status: allowed ? "allowed" : "cancelled" });
}

async function popup({ title, message, buttons = [] }) {
  const named = { ok: word("ok"), close: word("close"), cancel: word("cancel") };
  const shown = buttons.map((button) => ({ id: button.id ?? "", text: named[button.type] ?? button.text, kind: button.type }));
  const pressed = await ask({ title, message, buttons: shown });
  post("popup_closed", pressed === null ? {} : { button_id: pressed });
}

const HANDLERS = {
  iframe_ready: (data) => { current.reloadable = Boolean(data.reload_supported); },
  iframe_will_reload: () => {},
  web_app_ready: () => { current.frame.dataset.ready = "true"; },
  web_app_expand: () => { current.expanded = true; viewport(); },
  web_app_close: () => close(),
  web_app_open_tg_link: (data) => current.context.openLink(`https://t.me${data.path_full}`),
  web_app_open_link: (data) => current.context.openOutside(data.url),
  web_app_request_theme: () => post("theme_changed", { theme_params: theme() }),
  web_app_request_viewport: () => viewport(),
  web_app_request_safe_area: () => post("safe_area_changed", { top: 0, bottom: 0, left: 0, right: 0 }),
  web_app_request_content_safe_area: () => post("content_safe_area_changed", { top: 0, bottom: 0, left: 0, right: 0 }),
  web_app_request_write_access: () => requestWriteAccess(),
  web_app_request_phone: () => post("phone_requested", { status: "cancelled" }),
  web_app_setup_main_button: (data) => setupButton("main", data),
  web_app_setup_secondary_button: (data) => setupButton("secondary", data),
  web_app_setup_back_button: (data) => {
    $("mini-app-back").hidden = !data.is_visible;
    $("mini-app-close").hidden = Boolean(data.is_visible);
  },
  web_app_setup_settings_button: () => {},
  web_app_setup_closing_behavior: (data) => { current.confirm = Boolean(data.need_confirmation); },
  web_app_setup_swipe_behavior: () => {},
  web_app_trigger_haptic_feedback: (data) => { navigator.vibrate?.(data.type === "notification" ? 30 : 10); },
  web_app_open_popup: (data) => popup(data),
  web_app_set_header_color: (data) => paint("head", data),
  web_app_set_background_color: (data) => paint("frame", data),
  web_app_set_bottom_bar_color: (data) => paint("foot", data),
  web_app_request_fullscreen: () => post("fullscreen_failed", { error: "UNSUPPORTED" }),
  web_app_read_text_from_clipboard: (data) => post("clipboard_text_received", { req_id: data.req_id, data: null }),
  web_app_invoke_custom_method: (data) => post("custom_method_invoked", { req_id: data.req_id, error: "METHOD_NOT_SUPPORTED" }),
};

window.addEventListener("message", (event) => {
  if (!current || event.source !== current.frame.contentWindow || event.origin !== current.origin) return;
  let message;
  try {
    message = JSON.parse(event.data);
  } catch {
    return;
  }
  current.heard = true;
  const handler = HANDLERS[message.eventType];
  if (handler) handler(message.eventData ?? {});
});

new ResizeObserver(() => viewport()).observe($("mini-app-frame"));
$("mini-app").addEventListener("cancel", (event) => { event.preventDefault(); closeByUser(); });
$("mini-app-close").addEventListener("click", closeByUser);
$("mini-app-restore").addEventListener("click", show);
roomy.addEventListener("change", () => { if (current) show(); });
$("mini-app-back").addEventListener("click", () => post("back_button_pressed"));
$("mini-app-main").addEventListener("click", () => post("main_button_pressed"));
$("mini-app-secondary").addEventListener("click", () => post("secondary_button_pressed"));
$("mini-app-reload").addEventListener("click", () => {
  if (!current) return;
  if (current.reloadable) post("reload_iframe");
  else current.frame.src = current.launch.url;
});
