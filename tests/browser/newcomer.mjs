// Somebody who has never pressed Start: the film waits for it, and the page never loads anew.

import assert from "node:assert/strict";

/** Leaves a mark in the Mini App that a reload would wipe away. */
const mark = (person) => person.app.locator("html").evaluate((html) => { html.dataset.mark = "kept"; });
const isMarked = (person) => person.app.locator("html").evaluate((html) => html.dataset.mark === "kept");

export async function whoNeverPressedStartGetsTheFilmAfterIt(stage, people) {
  const budi = await stage.person(people.newcomer, { width: 390, height: 844 });
  await budi.see("start-button").waitFor();
  await budi.picture("chat");
  await budi.see("open-app").click();
  await budi.appOpened();
  await mark(budi);
  await budi.find("peron", "Peron Lima Menit Lagi");
  await budi.send();
  await budi.see("popup-button-cancel").waitFor();
  await budi.picture("asked");
  await budi.see("popup-button-cancel").click();
  await budi.requestIs("need_start");
  await budi.picture("need-start");
  assert.match(await budi.inApp("open-telegram").innerText(), /Buka di Telegram untuk lanjut/);
  assert.equal(await budi.fromBot.count(), 0, "nothing may be sent to who never started");

  await budi.inApp("open-telegram").click();
  await budi.see("start-button").waitFor();
  await budi.picture("start");
  await budi.see("start-button").click();
  const film = await budi.filmFromBot(1, /Peron Lima Menit Lagi/);
  await budi.picture("film");
  await budi.see("mini-app-restore").click();
  await budi.requestIs("sent");
  await budi.picture("sent");

  await budi.see("mini-app-back").click();
  await budi.find("pematang", "Rumah di Ujung Pematang");
  await budi.send();
  await budi.requestIs("sent");
  assert.equal(await budi.see("popup").count(), 0, "who has started is not asked again");
  assert.ok(await isMarked(budi), "the Mini App was loaded anew");
  await budi.inApp("open-chat").click();
  await budi.filmFromBot(2, /Rumah di Ujung Pematang/);
  await budi.watch(film, 3);
  await budi.picture("next-film");
}

export async function whoAllowsMessagesNeedsNoStart(stage, people) {
  const link = `https://t.me/${people.botUsername}?startapp=t_rumah-di-ujung-pematang`;
  const budi = await stage.person(people.newcomer, { link });
  await budi.appOpened();
  await budi.titleOpened("Rumah di Ujung Pematang");
  await budi.send();
  await budi.see("popup-button-allow").click();
  await budi.requestIs("sent");
  await budi.filmFromBot(1, /Rumah di Ujung Pematang/);
  await budi.see("start-button").waitFor();
  await budi.picture("sent-without-start");
}
