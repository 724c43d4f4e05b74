// Small helpers: elements, icons, requests, dialogs, toasts.

import { word } from "./words.js";

export const $ = (id) => document.getElementById(id);

/** Makes an element; functions become listeners, `true` an empty attribute, and null or false nothing. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const ICONS = {
  back: "M15 5l-7 7 7 7", close: "M6 6l12 12M18 6L6 18", more: "M12 5v.01M12 12v.01M12 19v.01", send: "M4 12l16-8-6 16-3-7z",
  sun: "M12 4V2M12 22v-2M4 12H2M22 12h-2M5.6 5.6L4.2 4.2M19.8 19.8l-1.4-1.4M5.6 18.4l-1.4 1.4M19.8 4.2l-1.4 1.4M12 7.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z", reload: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z", app: "M4 5h16v14H4zM4 9h16M8 7v.01M11 7v.01", link: "M9 15L19 5M12 5h7v7M17 14v5H5V7h5",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9v.01", file: "M7 3h7l5 5v13H7zM14 3v5h5", check: "M3 13l4 4L16 8M11 16l1 1 9-9", menu: "M5 7h14M5 12h14M5 17h14",
};

export function icon(name, size = 22) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A round picture with the initials of a name. */
export function avatar(id, name, size) {
  const initials = name.split(/\s+/).slice(0, 2).map((part) => [...part][0] ?? "").join("");
  return el("span", { class: `avatar avatar-${Number(id) % 6} avatar-${size}`, "aria-hidden": "true" }, initials);
}

export function setIcon(button, name, label) {
  button.replaceChildren(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
}

/** Asks the emulator. A refusal throws an error with its own words. */
export async function request(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.message ?? response.statusText), { reason: answer.reason });
  return answer;
}

export function toast(text) {
  const node = el("div", { class: "toast", "data-testid": "toast" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 4000);
}

/** Runs an action and shows why it failed. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(word("failed", { reason: error.message }));
    return undefined;
  }
}

/** Shows a window with buttons, and resolves to the id of the pressed one, or null when it was closed. */
export function ask({ title, message, buttons }) {
  return new Promise((resolve) => {
    let pressed = null;
    const dialog = el("dialog", { class: "popup", role: "alertdialog", "aria-label": title || message, "data-testid": "popup" });
    const row = el("div", { class: "popup-buttons" });
    for (const button of buttons) {
      row.append(el("button", {
        class: `popup-button ${button.kind ?? ""}`, "data-testid": `popup-button-${button.id}`,
        click: () => { pressed = button.id; dialog.close(); },
      }, button.text));
    }
    if (title) dialog.append(el("h2", {}, title));
    dialog.append(el("p", { "data-testid": "popup-message" }, message), row);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(pressed); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Shows a text file in a window, with a link that saves it. */
export function showText(name, text, address) {
  const dialog = el("dialog", { class: "popup reader", "aria-label": name, "data-testid": "document-reader" });
  const row = el("div", { class: "popup-buttons" },
    el("a", { class: "popup-button", href: address, download: name, "data-testid": "document-save" }, word("save")),
    el("button", { class: "popup-button", "data-testid": "document-close", click: () => dialog.close() }, word("close")));
  dialog.append(el("h2", {}, name), el("pre", { "data-testid": "document-text", tabindex: 0 }, text), row);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
