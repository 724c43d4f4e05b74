// Somebody who is no member wants a film, buys a plan in the Mini App, and gets the film.

import { opensPayPage, pays } from "./pay_page.mjs";

export async function vipIsBoughtAfterARefusalAndTheFilmDelivered(stage, people) {
  const citra = await stage.person(people.free, { width: 390, height: 844 });
  await citra.see("start-button").click();
  await citra.messageFromBot(1);
  await citra.see("menu-button").click();
  await citra.appOpened();
  await citra.find("dermaga", "Senja di Dermaga Tiga");
  await citra.chooseEpisode(5);
  await citra.send();
  await citra.requestIs("vip_required");
  await citra.picture("refused");
  await citra.inApp("open-vip").click();
  await citra.app.locator('[data-testid="membership"][data-active="false"]').waitFor();
  await citra.picture("plans");
  await citra.inApp("plan-vip-7-hari").click();
  await citra.inApp("methods").waitFor();
  await citra.picture("pay-sheet");
  await citra.send();
  await citra.orderIs("pay");
  await citra.inApp("qr").waitFor();
  await citra.picture("invoice");
  const page = await opensPayPage(citra, () => citra.inApp("pay-link").click());
  await pays(citra, page, "plan");
  // The page of the order follows it by itself.
  await citra.orderIs("vip");
  await citra.picture("member");
  await citra.send();
  await citra.titleOpened("Senja di Dermaga Tiga");
  await citra.see("mini-app-main-button").filter({ hasText: "5" }).waitFor();
  await citra.send();
  await citra.requestIs("sent");
  await citra.inApp("open-chat").click();
  await citra.see("mini-app-frame").waitFor({ state: "detached" });
  await citra.press(await citra.messageWith(/Senja di Dermaga Tiga[^]*5/), /Tonton Sekarang/);
  await citra.fromBot.last().getByTestId("message-video").waitFor();
  await citra.picture("film");
}
