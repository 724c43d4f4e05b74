// An invoice that nobody pays: its code goes away, and its stock is free again.

import assert from "node:assert/strict";

/** How long the gateway's invoices can be paid here, in milliseconds. */
const EXPIRY_MS = 15_000;

export async function anInvoiceExpiresAndFreesItsStock(stage, people) {
  await stage.gateway("PATCH", "settings", { expiry_ms: EXPIRY_MS });
  const citra = await stage.person(people.free, { width: 390, height: 844 });
  const ayu = await stage.person(people.member, { width: 390, height: 844 });
  for (const person of [citra, ayu]) {
    await person.see("start-button").click();
    await person.messageFromBot(1);
  }
  const stock = async () => {
    const count = await ayu.fromBot.count();
    await ayu.say("/produk kopi saung senja");
    const answer = await ayu.messageFromBot(count + 1);
    return Number(/stok (\d+)/.exec(await answer.getByTestId("message-text").innerText())[1]);
  };
  const before = await stock();

  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.inApp("tab-shop").click();
  await citra.app.locator('[data-code="voucher-saung-senja"]').click();
  await citra.see("mini-app-main-button").filter({ hasText: /Beli/ }).waitFor();
  await citra.send();
  await citra.inApp("methods").waitFor();
  await citra.send();
  await citra.orderIs("pay");
  await citra.inApp("save-qr").click();
  const invoice = await citra.messageWith(/Tagihan/);
  const code = await invoice.getByTestId("message-photo").locator("img").getAttribute("src");
  await citra.picture("invoice");
  assert.equal(await stock(), before - 1, "it is kept for the buyer");

  await citra.orderIs("expired");
  await citra.picture("expired");
  await citra.messageWith(/sudah kedaluwarsa/);
  assert.notEqual(await invoice.getByTestId("message-photo").locator("img").getAttribute("src"), code, "the code is gone");
  assert.equal(await stock(), before, "it is free again");
  await citra.inApp("buy-again").waitFor();
  await ayu.picture("stock");
}
