// The balance: topped up at the gateway, and spent in the shop.

import assert from "node:assert/strict";

import { opensPayPage, pays } from "./pay_page.mjs";

export async function aTopUpPaysForAPurchase(stage, people) {
  const citra = await stage.person(people.free, { width: 390, height: 844 });
  await citra.see("start-button").click();
  await citra.messageFromBot(1);
  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.inApp("tab-wallet").click();
  await citra.inApp("balance").waitFor();
  assert.match(await citra.inApp("balance").innerText(), /Rp\s?0$/);
  await citra.inApp("amount").fill("50000");
  await citra.picture("top-up");
  await citra.inApp("top-up").click();
  await citra.inApp("methods").waitFor();
  await citra.send();
  await citra.orderIs("pay");
  const page = await opensPayPage(citra, () => citra.inApp("pay-link").click());
  await pays(citra, page, "top-up");
  await citra.orderIs("topped_up");
  await citra.picture("topped-up");
  await citra.send();
  await citra.inApp("balance").filter({ hasText: "50.000" }).waitFor();
  await citra.picture("balance");

  await citra.inApp("tab-shop").click();
  await citra.app.locator('[data-code="voucher-saung-senja"]').click();
  await citra.inApp("product-name").waitFor();
  await citra.see("mini-app-main-button").filter({ hasText: /Beli/ }).waitFor();
  await citra.picture("product");
  await citra.send();
  await citra.inApp("method-BALANCE").click();
  await citra.picture("pay-from-balance");
  await citra.send();
  await citra.orderIs("completed");
  await citra.picture("bought");
  await citra.messageWith(/SENJA-[A-Z0-9]{4}-[A-Z0-9]{4}/);
  await citra.see("mini-app-back").click();
  await citra.inApp("product-name").waitFor();
  await citra.see("mini-app-back").click();
  await citra.inApp("tab-wallet").click();
  await citra.inApp("balance").filter({ hasText: "32.000" }).waitFor();
  await citra.inApp("entry").nth(1).waitFor();
  const kinds = await citra.inApp("entry").evaluateAll((entries) => entries.map((entry) => entry.dataset.kind));
  assert.deepEqual(kinds, ["PURCHASE", "TOP_UP"]);
  await citra.picture("statement");
}
