// Somebody who is no member: refused with the reason, and served with what is free.

import assert from "node:assert/strict";

export async function whoIsNoMemberIsToldWhyAndGetsWhatIsFree(stage, people) {
  const citra = await stage.person(people.free, { width: 390, height: 844 });
  await citra.see("start-button").click();
  const welcome = await citra.messageFromBot(1);
  await citra.picture("welcome");
  await welcome.locator('[data-testid="inline-button"][data-action="web_app"]').first().click();
  await citra.appOpened();
  await citra.find("dermaga", "Senja di Dermaga Tiga");
  await citra.chooseEpisode(5);
  await citra.see("mini-app-main-button").filter({ hasText: /Jadi VIP untuk menonton/ }).waitFor();
  await citra.picture("locked");
  await citra.send();
  const refused = await citra.requestIs("vip_required");
  assert.match(await refused.innerText(), /VIP/);
  await citra.picture("vip-required");

  // The way to become a member, and back to the film.
  await citra.inApp("open-vip").click();
  assert.match(await citra.inApp("waiting-film").innerText(), /Senja di Dermaga Tiga/);
  await citra.inApp("plans").waitFor();
  await citra.picture("how-to-become-a-member");
  await citra.see("mini-app-back").click();
  await citra.titleOpened("Senja di Dermaga Tiga");

  await citra.chooseEpisode(1);
  await citra.send();
  await citra.requestIs("sent");
  await citra.picture("sent");
  await citra.inApp("open-chat").click();
  await citra.see("mini-app-frame").waitFor({ state: "detached" });
  const film = await citra.filmFromBot(2, /Senja di Dermaga Tiga/);
  await citra.picture("film");
  await citra.watch(film, 3);
  await citra.picture("video");
}
