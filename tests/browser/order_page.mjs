// The page of an order: what it says stays true over a reload, a lost connection, a question, and a refund.

import assert from "node:assert/strict";

import { opensPayPage, pays } from "./pay_page.mjs";

/** The narrow phone that most buyers have. */
const PHONE = { width: 360, height: 800 };

export async function theOrderPageStaysTrue(stage, people) {
  const citra = await stage.person(people.free, PHONE);
  await citra.see("start-button").click();
  await citra.messageFromBot(1);
  await citra.see("menu-button").click();
  await citra.appOpened();

  // A reload, with a sheet open.
  await citra.inApp("tab-vip").click();
  await citra.inApp("plan-vip-7-hari").click();
  await citra.see("mini-app-main-button").filter({ hasText: /Bayar/ }).waitFor();
  await citra.picture("pay-sheet");
  await citra.see("mini-app-reload").click();
  await citra.see("mini-app-main-button").waitFor({ state: "hidden" });
  await citra.inApp("plan-vip-7-hari").waitFor();
  assert.ok(!(await citra.see("mini-app-main-button").isVisible()), "the sheet of before is gone, and its button too");
  assert.ok(await citra.see("mini-app-back").isVisible(), "back leads to the films");

  await citra.inApp("plan-vip-7-hari").click();
  await citra.inApp("methods").waitFor();
  await citra.send();
  await citra.orderIs("pay");
  await citra.inApp("qr").waitFor();
  await citra.picture("invoice");
  const code = await citra.inApp("order-code").innerText();

  // The same again: its bill is there already.
  await citra.see("mini-app-back").click();
  await citra.inApp("plan-vip-7-hari").click();
  await citra.inApp("methods").waitFor();
  await citra.send();
  await citra.orderIs("pay");
  assert.equal(await citra.inApp("order-code").innerText(), code, "nothing is billed twice");

  // The connection.
  await citra.offline(async () => {
    await citra.inApp("offline").waitFor({ timeout: 2_000 });
    await citra.picture("offline");
  });
  await citra.inApp("offline").waitFor({ state: "hidden" });

  // The question whether to cancel.
  await citra.inApp("cancel-order").click();
  assert.match(await citra.inApp("cancel-sheet").innerText(), /Batalkan VIP 7 Hari\?/);
  assert.doesNotMatch(await citra.inApp("cancel-sheet").innerText(), /stok|saldo/i);
  await citra.see("mini-app-main-button").waitFor({ state: "hidden" });
  await citra.picture("cancel");
  await citra.inApp("cancel-no").click();
  await citra.see("mini-app-main-button").filter({ hasText: /Cek status/ }).waitFor();

  const page = await opensPayPage(citra, () => citra.inApp("pay-link").click());
  await pays(citra, page, "plan");
  await citra.orderIs("vip");
  await citra.inApp("order-status").filter({ hasText: /Berlaku sampai \d+ \w+ \d{4}/ }).waitFor();
  await citra.picture("member");

  // The seller gives the money back, and the page that was left open says so.
  const dewi = await stage.person(people.seller);
  await dewi.see("start-button").click();
  await dewi.fromBot.first().waitFor();
  await dewi.say(`/refund ${code} saldo salah beli`);
  await citra.orderIs("refunded");
  assert.match(await citra.inApp("order-status").innerText(), /hari VIP dari pesanan ini tidak berlaku lagi/);
  await citra.picture("refunded");
}

export async function whoRefusesMessagesIsToldThatNothingWasSent(stage, people) {
  const budi = await stage.person(people.newcomer, PHONE);
  await budi.see("open-app").click();
  await budi.appOpened();
  await budi.inApp("tab-shop").click();
  await budi.app.locator('[data-code="voucher-saung-senja"]').click();
  await budi.see("mini-app-main-button").filter({ hasText: /Beli/ }).waitFor();
  await budi.send();
  await budi.inApp("methods").waitFor();
  await budi.send();
  await budi.orderIs("pay");
  for (const press of ["first", "second"]) {
    await budi.inApp("save-qr").click();
    await budi.see("popup-button-cancel").click();
    await budi.inApp("write-refused").filter({ hasText: /Belum dikirim/ }).waitFor();
    assert.ok(await inView(budi.inApp("write-refused")), `${press}: the note is seen`);
    assert.equal(await budi.inApp("said").innerText(), "", `${press}: nothing is said to be sent`);
  }
  await budi.picture("refused");
  assert.equal(await budi.fromBot.count(), 0);
}

export async function whatFailedIsTriedAgainWhenTheConnectionIsBack(stage, people) {
  const citra = await stage.person(people.free, PHONE);
  await citra.see("start-button").click();
  await citra.messageFromBot(1);
  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.inApp("title-card").first().waitFor();
  await citra.offline(async () => {
    await citra.inApp("search").fill("dermaga");
    await citra.inApp("films-error").filter({ hasText: /Tidak ada koneksi/ }).waitFor();
    await citra.picture("no-connection");
  });
  await citra.inApp("title-card").filter({ hasText: "Senja di Dermaga Tiga" }).waitFor();

  // Words that another category has.
  await citra.inApp("search").fill("");
  await citra.inApp("categories").getByRole("button", { name: "Misteri" }).click();
  await citra.inApp("search").fill("dermaga");
  await citra.inApp("films-none").waitFor();
  await citra.picture("none-in-category");
  await citra.inApp("search-everywhere").click();
  await citra.inApp("title-card").filter({ hasText: "Senja di Dermaga Tiga" }).waitFor();
  assert.equal(await citra.inApp("search").inputValue(), "dermaga");
}

/** All of it stands within what is seen of the frame. */
async function inView(locator) {
  return locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });
}
