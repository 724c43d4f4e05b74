// The stage of the browser tests: Chromium, a person in front of the chat page, and a watch over what must never happen.

import assert from "node:assert/strict";
import { accessSync, constants, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** How long anything that a person waits for may take, in milliseconds: tests run beside others on small machines. */
const PATIENCE_MS = 30_000;
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

function playwright() {
  try {
    return createRequire(new URL("../../clients/package.json", import.meta.url))("playwright-core");
  } catch (error) {
    throw new Error("playwright-core is missing: run `cd clients && npm ci`", { cause: error });
  }
}

function browserOnPath() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of BROWSERS) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // The next may have it.
      }
    }
  }
  throw new Error(`none of ${BROWSERS.join(", ")} is on the PATH: run scripts/setup.sh`);
}

export class Stage {
  #browser;
  #people = [];
  #pictures = 0;
  #faults = [];
  /** Who has no connection now: what their pages say of that is no fault. */
  #offline = new Set();

  /**
   * `chatUrl` is the emulated Telegram, `payUrl` the emulated gateway, `appUrl` the edge; no other host may be asked for
   * anything.
   */
  constructor({ chatUrl, payUrl, appUrl, bot, folder }) {
    Object.assign(this, { chatUrl, payUrl, appUrl, bot, folder });
    this.hosts = [chatUrl, payUrl, appUrl].map((url) => new URL(url).host);
    mkdirSync(folder, { recursive: true });
  }

  async open() {
    this.#browser = await playwright().chromium.launch({ executablePath: browserOnPath(), args: ARGUMENTS });
  }

  /** A person with a browser of their own, in the chat with the store's bot. `link` is what they came by. */
  async person(user, { width = 1280, height = 800, link } = {}) {
    const context = await this.#browser.newContext({ viewport: { width, height }, locale: "id-ID" });
    context.setDefaultTimeout(PATIENCE_MS);
    this.#watch(context);
    const page = await context.newPage();
    const person = new Person(this, page);
    this.#people.push(person);
    const place = new URLSearchParams({ user, bot: this.bot, ...(link && { link }) });
    await page.goto(`${this.chatUrl}/#${place}`);
    return person;
  }

  #watch(context) {
    const fault = (text) => this.#faults.push(text);
    context.on("weberror", (error) => fault(`an uncaught error: ${error.error().stack}`));
    context.on("console", (message) => {
      const isLost = /ERR_INTERNET_DISCONNECTED/.test(message.text()) && this.#offline.has(context);
      if (["error", "warning"].includes(message.type()) && !isLost) {
        fault(`the console has: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (!["data:", "blob:"].includes(protocol) && !this.hosts.includes(host)) {
        fault(`a request left for ${request.url()}`);
      }
    });
    context.on("response", (response) => {
      if (response.status() >= 400) {
        fault(`${response.status()} from ${response.url()}`);
      }
    });
  }

  /** Takes a person's connection away while something is done. */
  async withoutConnection(context, action) {
    this.#offline.add(context);
    await context.setOffline(true);
    await action();
    await context.setOffline(false);
  }

  async picture(page, name) {
    this.#pictures += 1;
    const path = join(this.folder, `${String(this.#pictures).padStart(2, "0")}-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
  }

  /** Asks the `/sim` API of the emulated gateway for something. */
  async gateway(method, path, body) {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.payUrl}/sim/${path}`, { method, headers, body: JSON.stringify(body) });
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.json();
  }

  /** Every console, request and script of all people was in order. */
  inOrder() {
    assert.deepEqual(this.#faults, []);
  }

  /** What all saw when something went wrong, and what went wrong unseen. */
  async report() {
    for (const person of this.#people) {
      await this.picture(person.page, "failed").catch(() => undefined);
    }
    return this.#faults;
  }

  async close() {
    await this.#browser?.close();
  }
}

/** What one person sees and does. */
export class Person {
  #stage;
  /** The page with the chat. */
  page;

  constructor(stage, page) {
    this.#stage = stage;
    this.page = page;
  }

  /** An element of the chat page. */
  see(testid) {
    return this.page.getByTestId(testid);
  }

  /** The Mini App's frame. */
  get app() {
    return this.see("mini-app-frame").contentFrame();
  }

  /** An element of the Mini App. */
  inApp(testid) {
    return this.app.getByTestId(testid);
  }

  /** All messages of the bot. */
  get fromBot() {
    return this.page.locator('[data-testid="history"] li[data-from="bot"]');
  }

  /** Waits until the bot has sent so many messages, and answers the last one; more are a fault. */
  async messageFromBot(count) {
    await this.fromBot.nth(count - 1).waitFor();
    assert.equal(await this.fromBot.count(), count, "the bot's messages");
    return this.fromBot.nth(count - 1);
  }

  /** Waits for a message of the bot with these words, and answers the last such one. */
  async messageWith(words) {
    return this.#pinned(this.fromBot.filter({ hasText: words }).last());
  }

  /** The same with such a button. */
  async messageWithButton(label) {
    return this.#pinned(this.fromBot.filter({ has: this.page.getByTestId("inline-button").filter({ hasText: label }) }).last());
  }

  /** The same message, whatever it says later. */
  async #pinned(message) {
    return this.see(await message.getAttribute("data-testid"));
  }

  /** Presses the first button with such a label under a message. */
  async press(message, label) {
    await message.getByTestId("inline-button").filter({ hasText: label }).first().click();
  }

  /** Writes to the bot. */
  async say(text) {
    await this.see("composer-input").fill(text);
    await this.see("send-button").click();
  }

  /** Waits for a film's message: its poster, its name, and the button to watch it. */
  async filmFromBot(count, name, label = /Tonton Sekarang/) {
    const film = await this.messageFromBot(count);
    await loaded(film.getByTestId("message-photo").locator("img"));
    assert.match(await film.getByTestId("message-text").innerText(), name);
    await film.getByTestId("inline-button").filter({ hasText: label }).waitFor();
    return film;
  }

  /** Presses "Tonton Sekarang", and waits for a video that can't be forwarded. */
  async watch(film, count) {
    await film.getByTestId("inline-button").filter({ hasText: /Tonton Sekarang|Watch now/ }).click();
    const video = await this.messageFromBot(count);
    await video.getByTestId("message-video").waitFor();
    await video.getByTestId("message-protected").waitFor();
  }

  async appOpened() {
    await this.page.locator('[data-testid="mini-app-frame"][data-ready="true"]').waitFor();
  }

  /** Finds a title by typing a part of its name, and opens it. */
  async find(words, name) {
    await this.inApp("search").fill(words);
    await this.inApp("title-card").filter({ hasText: name }).click();
    await this.titleOpened(name);
  }

  async titleOpened(name) {
    await this.inApp("title-name").filter({ hasText: name }).waitFor();
    // It is there, and can be pressed, once the episodes are loaded.
    await this.see("mini-app-main-button").waitFor();
  }

  async chooseEpisode(number) {
    await this.inApp(`episode-${number}`).click();
    // What is for members is offered by its number to them, and as VIP to others.
    await this.see("mini-app-main-button").filter({ hasText: new RegExp(`${number}|VIP`) }).waitFor();
  }

  /** Does something while there is no connection. */
  async offline(action) {
    await this.#stage.withoutConnection(this.page.context(), action);
  }

  /** Presses Telegram's main button, which asks for the film. */
  async send() {
    await this.see("mini-app-main-button").click();
  }

  /** Waits until the request is in a state. */
  async requestIs(state) {
    const locator = this.app.locator(`[data-testid="request-state"][data-state="${state}"]`);
    await locator.waitFor({ state: "attached" });
    return locator;
  }

  /** Waits until the page of an order is about this. */
  async orderIs(phase) {
    await this.app.locator(`[data-testid="order-page"][data-phase="${phase}"]`).waitFor();
  }

  /** Nothing is wider than the page, in the chat and in the Mini App. */
  async fitsTheWidth(where) {
    const excess = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    assert.ok((await this.page.evaluate(excess)) <= 0, `${where}: the chat page scrolls sideways`);
    if (await this.see("mini-app-frame").isVisible()) {
      assert.ok((await this.app.locator("html").evaluate(excess)) <= 0, `${where}: the Mini App scrolls sideways`);
    }
  }

  /** What a finger presses in the Mini App is at least so many CSS pixels high. */
  async canBeTouched(where, least = 44) {
    const small = await this.app.locator("body").evaluate((body, least) => {
      const hits = (element, x, y) => element.contains(document.elementFromPoint(x, y));
      return [...body.querySelectorAll("button, a, input:not([type=radio]):not([type=checkbox])")]
        .filter((element) => {
          const { top, bottom, left, width, height } = element.getBoundingClientRect();
          const [x, y] = [left + width / 2, top + height / 2];
          if (height >= least || width <= 1 || top < least || bottom > innerHeight - least || !hits(element, x, y)) {
            return false;
          }
          return !hits(element, x, y - least / 2 + 1) || !hits(element, x, y + least / 2 - 1);
        })
        .map((element) => element.outerHTML.slice(0, 120));
    }, least);
    assert.deepEqual(small, [], `${where}: too small for a finger`);
  }

  /** Takes a picture, once the pictures in view are there. */
  async picture(name) {
    await this.#settled();
    await this.#stage.picture(this.page, name);
  }

  /** Takes a picture of another page of the same person. */
  async pictureOf(page, name) {
    await this.#stage.picture(page, name);
  }

  async #settled() {
    for (const frame of this.page.frames()) {
      await frame.waitForFunction(() => {
        const inView = (image) => {
          const { top, bottom, width } = image.getBoundingClientRect();
          return width > 0 && bottom > 0 && top < innerHeight;
        };
        return [...document.images].filter(inView).every((image) => image.complete && image.naturalWidth > 0);
      });
    }
  }
}

/** Waits until a picture is there in full. */
async function loaded(image) {
  await image.evaluate(async (element) => {
    element.loading = "eager";
    await element.decode();
  });
}
