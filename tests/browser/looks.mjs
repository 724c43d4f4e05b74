// Language, theme, and the narrowest phone.

import assert from "node:assert/strict";

/** The contrast between the page's text and its ground (WCAG 2, from 1 to 21), and how light the ground is (0 to 1). */
function colours() {
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const { color, backgroundColor } = getComputedStyle(document.body);
  const [text, ground] = [light(color), light(backgroundColor)];
  return { ground, contrast: (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05) };
}

export async function languageThemeAndTheNarrowestPhone(stage, people) {
  const citra = await stage.person(people.free, { width: 320, height: 640 });
  const fits = async (name) => {
    await citra.picture(name);
    await citra.fitsTheWidth(name);
    if (await citra.see("mini-app-frame").isVisible()) {
      await citra.canBeTouched(name);
    }
  };
  await citra.see("start-button").click();
  await citra.messageFromBot(1);
  await fits("welcome");
  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.inApp("title-card").first().waitFor();
  await fits("films");

  await citra.inApp("language-button").click();
  await fits("languages");
  await citra.inApp("language-en").click();
  await citra.app.locator('html[lang="en"]').waitFor({ state: "attached" });
  await citra.find("dermaga", "Senja di Dermaga Tiga");
  await citra.chooseEpisode(4);
  await citra.see("mini-app-main-button").filter({ hasText: /Become VIP to watch/ }).waitFor();
  await fits("title");
  await citra.send();
  assert.match(await (await citra.requestIs("vip_required")).innerText(), /members/i);
  await fits("vip-required");
  await citra.chooseEpisode(2);
  await citra.send();
  await citra.requestIs("sent");
  await fits("sent");
  await citra.inApp("open-chat").click();
  // The bot's messages follow the choice that was made in the Mini App.
  await citra.filmFromBot(2, /Senja di Dermaga Tiga/, /Watch now/);
  await fits("film");

  await citra.see("back-to-chats").click();
  await fits("chats");
  await citra.see("theme-switch").click();
  await citra.see(`chat-${stage.bot}`).click();
  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.inApp("title-card").first().waitFor();
  await fits("films-dark");
  const { ground, contrast } = await citra.app.locator("body").evaluate(colours);
  assert.ok(ground < 0.1, `the ground is not dark: ${ground}`);
  assert.ok(contrast >= 4.5, `text and ground are too near: ${contrast}`);
  await citra.find("dermaga", "Senja di Dermaga Tiga");
  await fits("title-dark");
  await citra.inApp("vip-link").click();
  await citra.app.locator('[data-testid="membership"][data-active="false"]').waitFor();
  await fits("membership-dark");
  for (const tab of ["shop", "orders", "wallet"]) {
    await citra.inApp(`tab-${tab}`).click();
    await citra.inApp({ shop: "product-card", orders: "orders-empty", wallet: "balance" }[tab]).first().waitFor();
    await fits(`${tab}-dark`);
  }
  await citra.inApp("tab-shop").click();
  await citra.app.locator('[data-code="voucher-saung-senja"]').click();
  await citra.see("mini-app-main-button").filter({ hasText: /Buy/ }).waitFor();
  await citra.inApp("quantity").fill("3");
  await citra.see("mini-app-main-button").filter({ hasText: /54\.000/ }).waitFor();
  await fits("product-dark");
  await citra.send();
  await citra.inApp("methods").waitFor();
  await fits("pay-sheet-dark");
  await citra.send();
  await citra.orderIs("pay");
  await fits("invoice-dark");
}
