// The demo in English: the switch of the emulated Telegram reaches all that is read, of a person who has begun in Indonesian.

import assert from "node:assert/strict";

/** Words that stand in the Indonesian demo alone. */
const INDONESIAN = /\b(belum|bukan|penjual|pemilik|obrolan|Anda|Belanja|Buka|Saldo|Pesanan|Bantuan)\b/i;

export async function theDemoIsWhollyEnglish(stage, people) {
  const citra = await stage.person(people.free);
  await citra.see("start-button").click();
  assert.match(await (await citra.messageFromBot(1)).innerText(), INDONESIAN);
  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.app.locator('html[lang="id"]').waitFor({ state: "attached" });

  await citra.page.getByRole("button", { name: /^ID/ }).click();
  await citra.page.getByRole("button", { name: /^EN/ }).waitFor();
  await citra.app.locator('html[lang="en"]').waitFor({ state: "attached" });
  await citra.inApp("title-card").first().waitFor();
  await citra.say("/start");
  const welcome = await citra.messageFromBot(2);
  assert.doesNotMatch(await welcome.innerText(), INDONESIAN);
  assert.doesNotMatch(await citra.page.locator("#sidebar").innerText(), INDONESIAN);
  await citra.picture("chat-and-app");

  // Whoever speaks to the page hears a log of messages, each an item of its list.
  const log = citra.page.getByRole("log");
  assert.ok((await log.getByRole("list").getByRole("listitem").count()) >= 3);

  await citra.inApp("title-card").first().click();
  const main = citra.see("mini-app-main-button");
  await main.waitFor();
  for (const theme of ["light", "dark"]) {
    if (theme === "dark") await citra.see("theme-switch").click();
    const wanted = await citra.page.evaluate(async (name) => (await (await fetch("/sim/themes")).json())[name], theme);
    const drawn = await main.evaluate((button) => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color]);
    assert.deepEqual(drawn, [rgb(wanted.button_color), rgb(wanted.button_text_color)], `the main button, ${theme}`);
    const head = await citra.page.locator("#mini-app-head").evaluate((element) => getComputedStyle(element).backgroundColor);
    assert.equal(head, rgb(wanted.bg_color), `the head, ${theme}`);
    await citra.picture(`title-${theme}`);
  }
}

/** A colour of six hexadecimal digits, as a browser tells it. */
function rgb(colour) {
  const [red, green, blue] = colour.match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
  return `rgb(${red}, ${green}, ${blue})`;
}
