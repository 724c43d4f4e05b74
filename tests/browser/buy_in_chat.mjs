// A product bought in the chat: the list, the invoice with its code, the pay page, the goods.

import assert from "node:assert/strict";

import { opensPayPage, pays } from "./pay_page.mjs";

/** How long the goods may take from the payment, in milliseconds. */
const GOODS_WITHIN_MS = 2_000;
/** A line of the product's stock in the sample library. */
const LINE = /SENJA-[A-Z0-9]{4}-[A-Z0-9]{4}/;

export async function aProductIsBoughtInTheChatAndPaidOnThePage(stage, people) {
  const citra = await stage.person(people.free, { width: 390, height: 844 });
  await citra.see("start-button").click();
  const welcome = await citra.messageFromBot(1);
  await citra.press(welcome, /Belanja/);
  await citra.messageWith(/Daftar produk/);
  await citra.picture("products");

  await citra.say("/produk kopi saung senja");
  await citra.press(await citra.messageFromBot(2), /^1$/);
  const product = await citra.messageWithButton(/Beli sekarang/);
  await citra.picture("product");
  await citra.press(product, /Beli sekarang/);
  const checkout = await citra.messageWithButton(/QRIS/);
  await citra.picture("checkout");
  await citra.press(checkout, /Virtual account/);
  const banks = await citra.messageWithButton(/^BNI · ± Rp/);
  await citra.picture("banks");
  await citra.press(banks, /Kembali/);
  await citra.press(await citra.messageWithButton(/QRIS/), /QRIS/);
  const invoice = await citra.messageWith(/Tagihan/);
  const code = await invoice.getByTestId("message-photo").locator("img").getAttribute("src");
  await citra.picture("invoice");
  assert.match(await invoice.getByTestId("message-text").innerText(), /Rp18\.000[^]*WIB/);
  await citra.press(invoice, /Cek status/);
  await citra.see("popup-message").filter({ hasText: /Belum ada pembayaran/ }).waitFor();
  await citra.picture("not-paid-yet");
  await citra.see("popup-button-ok").click();

  const page = await opensPayPage(citra, () => citra.press(invoice, /Bayar$/));
  const goods = citra.messageWith(LINE).then(() => performance.now());
  const pressed = await pays(citra, page, "pay");
  const waited = (await goods) - pressed;
  assert.ok(waited <= GOODS_WITHIN_MS, `the goods took ${Math.round(waited)} ms`);
  await citra.messageWith(/lunas \(Rp/);
  assert.notEqual(await invoice.getByTestId("message-photo").locator("img").getAttribute("src"), code, "the code is gone");
  assert.equal(await invoice.getByTestId("inline-button").filter({ hasText: /Bayar/ }).count(), 0);
  assert.equal(await citra.fromBot.filter({ hasText: LINE }).count(), 1);
  await citra.picture("goods");

  // A payment that was opened in the chat's own tab leads back to the same person's chat.
  const left = citra.page.url();
  await citra.page.goto(page.url());
  await citra.page.getByTestId("back").click();
  await citra.messageWith(LINE);
  assert.equal(citra.page.url(), left);
}
