// A member: from Start to the video.

import assert from "node:assert/strict";

/** Page, scripts and styles before the films are seen, as they are sent. */
const FIRST_LOAD_BYTES = 100_000;

/** How many bytes were sent of page, scripts and styles; which of them were not compressed; how far things moved by themselves. */
async function firstLoad() {
  const sent = performance.getEntries().filter(({ entryType, name }) => entryType === "navigation" || /\.(js|css)$/.test(name));
  const shifts = await new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => resolve(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve([]), 500);
  });
  return {
    bytes: sent.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    bare: sent.filter(({ encodedBodySize, decodedBodySize }) => decodedBodySize > 1_024 && encodedBodySize >= decodedBodySize).map(({ name }) => name),
    shift: shifts.reduce((sum, { value }) => sum + value, 0),
  };
}

export async function aMemberGetsAFilmAndItsVideo(stage, people) {
  const ayu = await stage.person(people.member, { height: 880 });
  await ayu.see("start-button").click();
  const welcome = await ayu.messageFromBot(1);
  assert.match(await welcome.getByTestId("message-text").innerText(), /Ayu/);
  await ayu.picture("welcome");

  await welcome.locator('[data-testid="inline-button"][data-action="web_app"]').first().click();
  await ayu.appOpened();
  await ayu.inApp("title-card").first().waitFor();
  await ayu.picture("films");
  const { bytes, bare, shift } = await ayu.app.locator("html").evaluate(firstLoad);
  assert.deepEqual(bare, [], "scripts and styles are sent compressed");
  assert.ok(bytes <= FIRST_LOAD_BYTES, `the first load has ${bytes} bytes on the wire`);
  assert.ok(shift < 0.01, `what was there has moved by ${shift}`);
  await ayu.find("dermaga", "Senja di Dermaga Tiga");
  await ayu.chooseEpisode(4);
  await ayu.picture("title");
  await ayu.send();
  await ayu.requestIs("sent");
  const film = await ayu.filmFromBot(2, /Senja di Dermaga Tiga[^]*4/);
  await ayu.picture("sent");
  await ayu.watch(film, 3);
  await ayu.picture("video");

  // A video that is copied from a channel arrives the same way.
  await ayu.see("mini-app-back").click();
  await ayu.find("tubruk", "Kopi Tubruk Jam Dua Pagi");
  await ayu.chooseEpisode(3);
  await ayu.send();
  await ayu.requestIs("sent");
  await ayu.watch(await ayu.filmFromBot(4, /Kopi Tubruk/), 5);

  await ayu.inApp("vip-link").click();
  await ayu.app.locator('[data-testid="membership"][data-active="true"]').waitFor();
  await ayu.picture("membership");
  await ayu.inApp("plan-vip-30-hari").waitFor();
  await ayu.messageFromBot(5);
}
