/**
 * What Telegram tells a Mini App when it opens it.
 *
 * It is read here and not by `@tma.js/bridge`, which refuses init data without `signature`: all of it from clients before
 * Bot API 8.0. Nothing here is trusted; the server verifies the init data.
 */
export interface Launch {
  /** `Telegram.WebApp.initData`, raw; empty when the app was opened from a button of the keyboard. */
  readonly initData: string;
  /** Version of Telegram's Mini Apps interface that the client speaks, such as `6.1`. */
  readonly version: string;
  /** The client, such as `android`, `ios` or `web`. */
  readonly platform: string;
  /** Colours of the client's theme by Telegram's names, such as `bg_color`. */
  readonly theme: Readonly<Record<string, string>>;
  /** The parameter of a direct link (`startapp`); empty when there was none. */
  readonly startParam: string;
  /** The id that Telegram gave the user; empty when it is not told. */
  readonly userId: string;
  /** IETF tag of the client's language; empty when it is not told. */
  readonly languageCode: string;
  /** The path that the launch asks for, such as `/titles/ttl_…`; empty when it asks for none. */
  readonly path: string;
}

const STORED = "warung.launch";

/** Reads how the page was opened; none when Telegram did not open it. A reload finds what the first load had. */
export function readLaunch(location: Location, storage: Storage | undefined): Launch | undefined {
  const launched = parseLaunch(location.href);
  if (launched !== undefined) {
    storage?.setItem(STORED, location.href);
    return launched;
  }
  const stored = storage?.getItem(STORED);
  const before = stored ? parseLaunch(stored) : undefined;
  // A reload stays where the user was: only the first load starts at what the launch asks for.
  return before && { ...before, path: "", startParam: "" };
}

/** Reads the launch parameters of an address: they stand behind `#`, or behind a path that stands there (`#/vip?…`). */
export function parseLaunch(href: string): Launch | undefined {
  const hashAt = href.indexOf("#");
  const fragment = hashAt < 0 ? "" : href.slice(hashAt + 1);
  const [, path = "", query = ""] = /^(\/[^?&]*)?[?&]?(.*)$/s.exec(fragment) ?? [];
  const parameters = new URLSearchParams(query);
  const version = parameters.get("tgWebAppVersion");
  if (version === null) {
    return undefined;
  }
  const initData = parameters.get("tgWebAppData") ?? "";
  const fields = new URLSearchParams(initData);
  const user = record(fields.get("user"));
  const search = new URLSearchParams(hashAt < 0 ? "" : href.slice(0, hashAt).split("?")[1]);
  return {
    initData,
    version,
    platform: parameters.get("tgWebAppPlatform") ?? "unknown",
    theme: colours(record(parameters.get("tgWebAppThemeParams"))),
    startParam: fields.get("start_param") ?? search.get("tgWebAppStartParam") ?? parameters.get("tgWebAppStartParam") ?? "",
    userId: typeof user["id"] === "number" ? String(user["id"]) : "",
    languageCode: typeof user["language_code"] === "string" ? user["language_code"] : "",
    path,
  };
}

/** The colours of a theme; what is not a colour is left out. */
export function colours(theme: Readonly<Record<string, unknown>>): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [name, value] of Object.entries(theme)) {
    if (typeof value === "string" && /^#[0-9a-f]{3,8}$/i.test(value)) {
      known[name] = value;
    }
  }
  return known;
}

function record(json: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
