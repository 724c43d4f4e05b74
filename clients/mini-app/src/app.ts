import { createWarung, newRequestId, type GetStoreResponse, type Warung } from "@warung/client";
import { derived, get, writable, type Readable, type Writable } from "svelte/store";
import { getContext, setContext } from "svelte";

import { ServerClock } from "./clock";
import { Navigation } from "./navigation";
import { membershipStore, type MembershipStore } from "./library/membership";
import { FilmRequest } from "./request/film-request";
import { pauseUntilSeen } from "./request/pause";
import { wantedFilm, type WantedFilm } from "./request/wanted";
import { parseRoute, routeOfStartParam, type Route } from "./router";
import { Telegram } from "./telegram/bridge";
import { readLaunch, type Launch } from "./telegram/launch";
import { askForWriteAccess, letBotWrite, writeAccess } from "./telegram/write-access";
import { languageOf, wordsOf, type Language, type Words } from "./words";

const LANGUAGE = "warung.language";

/** What all pages share. */
export interface App {
  /** Telegram around the page; none in an ordinary browser. */
  readonly telegram: Telegram | undefined;
  readonly warung: Warung;
  readonly navigation: Navigation;
  /** The server's clock. */
  readonly clock: ServerClock;
  /** What the store is called, and its bot; none until it is loaded. */
  readonly store: Readable<GetStoreResponse | undefined>;
  readonly language: Readable<Language>;
  readonly words: Readable<Words>;
  /** Changes the language, here and for the bot's messages. */
  setLanguage(language: Language): void;
  /** The user's membership; none until a page has asked for it. */
  readonly membership: MembershipStore;
  /** The film that waits until the user is a VIP member; none after a film was asked for. */
  readonly wanted: Writable<WantedFilm | undefined>;
  /** Something to remember on this device, such as how the user paid last; lost where storage is refused. */
  readonly kept: Storage | undefined;
  /** Address of a title's small poster. */
  thumbnail(mediaId: string): string;
  /** A request for a film of its own. */
  newRequest(): FilmRequest;
  /** Opens a `https://t.me/…` link. */
  openTelegram(link: string): void;
  /** Opens any other link, outside the app. */
  openLink(link: string): void;
  /** Sees to it that the bot may write to the user: asks them where it may not yet. `unknown`: they can't be asked. */
  letBotWrite(): Promise<"allowed" | "refused" | "unknown">;
}

/** Puts the app together. */
export function createApp(window: Window, apiUrl: string): App {
  const storage = guarded(() => window.sessionStorage);
  const kept = guarded(() => window.localStorage);
  const launch = readLaunch(window.location, storage);
  const telegram = launch && new Telegram(launch);
  const clock = new ServerClock(Date.now);
  const warung = createWarung({
    baseUrl: apiUrl,
    fetch: clock.watch((...call) => window.fetch(...call)),
    ...(launch && { auth: { initData: launch.initData } }),
  });

  const language = writable(languageOf(kept?.getItem(LANGUAGE) ?? (launch?.languageCode || window.navigator.language)));
  const store = writable<GetStoreResponse | undefined>();
  void loadStore(warung, store);
  if (warung.canSignIn) {
    void adoptLanguage(warung, language, kept);
  }

  return {
    telegram,
    warung,
    navigation: new Navigation(window, firstRoute(launch, window.location.hash)),
    clock,
    store,
    membership: membershipStore(warung.membership),
    wanted: wantedFilm(storage),
    kept,
    language,
    words: derived(language, wordsOf),
    setLanguage(chosen) {
      language.set(chosen);
      kept?.setItem(LANGUAGE, chosen);
      if (warung.canSignIn) {
        // The page has it already; a failure leaves only the bot's messages in the old language.
        warung.identity.updateMe({ requestId: newRequestId(), languageCode: chosen }).catch(() => undefined);
      }
    },
    thumbnail: (mediaId) => `${apiUrl}/api/v1/media/${encodeURIComponent(mediaId)}/thumbnail`,
    newRequest: () =>
      new FilmRequest({
        library: warung.library,
        canSignIn: warung.canSignIn,
        requestWriteAccess: telegram && writeAccess(telegram, kept),
        now: Date.now,
        pause: pauseUntilSeen,
      }),
    openTelegram(link) {
      if (telegram === undefined) {
        window.open(link, "_blank", "noopener");
      } else {
        telegram.openTelegramLink(link);
      }
    },
    openLink(link) {
      if (telegram === undefined) {
        window.open(link, "_blank", "noopener");
      } else {
        telegram.openLink(link);
      }
    },
    letBotWrite: () => letBotWrite(warung, telegram && askForWriteAccess(telegram, kept)),
  };
}

const KEY = Symbol("app");

/** Gives the app to all components below. */
export function provideApp(app: App): void {
  setContext(KEY, app);
}

/** The app. */
export function useApp(): App {
  return getContext<App>(KEY);
}

/** Where the API is: built in, or named by the page, or where the page came from. */
export function apiUrlOf(document: Document, builtIn: string | undefined): string {
  const named = document.querySelector<HTMLMetaElement>('meta[name="warung-api-url"]')?.content;
  return (builtIn || named || document.location.origin).replace(/\/+$/, "");
}

function firstRoute(launch: Launch | undefined, hash: string): Route {
  if (launch?.path) {
    return parseRoute(launch.path);
  }
  return (launch && routeOfStartParam(launch.startParam)) ?? parseRoute(hash.includes("tgWebApp") ? "" : hash);
}

/** Nobody waits for the store's name: it is asked for until it comes. */
async function loadStore(warung: Warung, store: Writable<GetStoreResponse | undefined>): Promise<void> {
  for (let pauseMs = 2_000; get(store) === undefined; pauseMs = Math.min(pauseMs * 2, 60_000)) {
    try {
      store.set(await warung.operations.getStore({}));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** The language that the user chose on another device, unless they chose one here. */
async function adoptLanguage(warung: Warung, language: Writable<Language>, kept: Storage | undefined): Promise<void> {
  try {
    const { user } = await warung.signIn();
    if (user?.languageCode && !kept?.getItem(LANGUAGE)) {
      language.set(languageOf(user.languageCode));
    }
  } catch {
    // Films are shown without a session; the request will tell the user what is wrong with it.
  }
}

/** Storage is refused to pages in some private windows and frames: the app works without. */
function guarded(storage: () => Storage): Storage | undefined {
  try {
    return storage();
  } catch {
    return undefined;
  }
}
