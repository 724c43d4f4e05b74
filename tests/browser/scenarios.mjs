// Plays one scenario in Chromium against a running demo: scenarios.mjs SCENARIO, with the rest as JSON in WARUNG_STAGE.

import { aTopUpPaysForAPurchase } from "./balance.mjs";
import { vipIsBoughtAfterARefusalAndTheFilmDelivered } from "./become_member.mjs";
import { aProductIsBoughtInTheChatAndPaidOnThePage } from "./buy_in_chat.mjs";
import { theDemoIsWhollyEnglish } from "./english.mjs";
import { anInvoiceExpiresAndFreesItsStock } from "./expiry.mjs";
import { languageThemeAndTheNarrowestPhone } from "./looks.mjs";
import { aMemberGetsAFilmAndItsVideo } from "./member.mjs";
import { whoAllowsMessagesNeedsNoStart, whoNeverPressedStartGetsTheFilmAfterIt } from "./newcomer.mjs";
import { whoIsNoMemberIsToldWhyAndGetsWhatIsFree } from "./no_member.mjs";
import { theOrderPageStaysTrue, whatFailedIsTriedAgainWhenTheConnectionIsBack, whoRefusesMessagesIsToldThatNothingWasSent } from "./order_page.mjs";
import { Stage } from "./stage.mjs";

const SCENARIOS = {
  member: aMemberGetsAFilmAndItsVideo,
  no_member: whoIsNoMemberIsToldWhyAndGetsWhatIsFree,
  newcomer: whoNeverPressedStartGetsTheFilmAfterIt,
  allowed: whoAllowsMessagesNeedsNoStart,
  english: theDemoIsWhollyEnglish,
  looks: languageThemeAndTheNarrowestPhone,
  buy_in_chat: aProductIsBoughtInTheChatAndPaidOnThePage,
  become_member: vipIsBoughtAfterARefusalAndTheFilmDelivered,
  balance: aTopUpPaysForAPurchase,
  order_page: theOrderPageStaysTrue,
  refused_messages: whoRefusesMessagesIsToldThatNothingWasSent,
  connection: whatFailedIsTriedAgainWhenTheConnectionIsBack,
  expiry: anInvoiceExpiresAndFreesItsStock,
};

const { people, ...place } = JSON.parse(process.env.WARUNG_STAGE);
const stage = new Stage(place);
try {
  await stage.open();
  await SCENARIOS[process.argv[2]](stage, people);
  stage.inOrder();
} catch (error) {
  console.error(error);
  console.error(`noticed: ${JSON.stringify(await stage.report(), null, 2)}`);
  console.error(`pictures: ${place.folder}`);
  process.exitCode = 1;
} finally {
  await stage.close();
}
