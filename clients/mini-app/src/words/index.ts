import type { Reason } from "@warung/client";

import { en } from "./en";
import { id } from "./id";

/** A language of the app. */
export type Language = "id" | "en";
/** All words of a language. */
export type Words = { readonly [Key in keyof typeof id]: string };

/** The languages, each by its own name. */
export const languages: readonly { readonly code: Language; readonly name: string }[] = [
  { code: "id", name: "Bahasa Indonesia" },
  { code: "en", name: "English" },
];

const all: Record<Language, Words> = { id, en };

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return all[language];
}

/** Whose readers read Indonesian; the same as in the crate `warung-language`, whose table of cases the tests read. */
const readIndonesian = new Set(
  ["id", "in", "ms", "jv", "jw", "su", "ace", "ban", "bbc", "bew", "bjn", "bug", "mad", "min", "sas"],
);
/** Subtags that tell of no language. */
const tellNothing = new Set(["", "*", "und", "mul", "zxx"]);

/**
 * The language for a user with this IETF tag: Indonesian for its own speakers, for their neighbours and for those of whom
 * nothing is known, English for the rest of the world.
 */
export function languageOf(tag: string | undefined): Language {
  const first = (tag ?? "").trim().split(/[-_]/, 1)[0]?.toLowerCase() ?? "";
  return tellNothing.has(first) || readIndonesian.has(first) ? "id" : "en";
}

/** Puts values into the `{places}` of a text. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/**
 * A text for so many: its forms stand in it with `|` between, that for one first, where the language has more than one. The
 * count fills `{count}`.
 */
export function counted(language: Language, text: string, count: number): string {
  const forms = text.split("|");
  const isOne = forms.length > 1 && new Intl.PluralRules(language).select(count) === "one";
  return fill((isOne ? forms[0] : forms[forms.length - 1]) ?? "", { count });
}

/** What to say of a failed call: what is wrong, and what to do. */
export function wordsOfError(words: Words, reason: Reason): { readonly title: string; readonly hint: string } {
  switch (reason) {
    case "UNAVAILABLE":
    case "STORAGE_FULL":
      return navigatorOffline()
        ? { title: words.errorOffline, hint: words.errorOfflineHint }
        : { title: words.errorInternal, hint: words.errorInternalHint };
    case "DEADLINE_EXCEEDED":
    case "CANCELED":
      return { title: words.errorSlow, hint: words.errorSlowHint };
    case "RATE_LIMITED":
      return { title: words.limitedTitle, hint: words.errorBusyHint };
    case "USER_BLOCKED":
      return { title: words.blockedTitle, hint: words.blockedHint };
    case "INVALID_ARGUMENT":
      return { title: words.errorInvalid, hint: words.errorInvalidHint };
    case "NOT_FOUND":
      return { title: words.titleMissing, hint: words.titleMissingHint };
    case "VIDEO_MISSING":
      return { title: words.comingSoon, hint: words.comingSoonHint };
    case "UNAUTHENTICATED":
    case "INIT_DATA_INVALID":
    case "INIT_DATA_EXPIRED":
    case "SESSION_INVALID":
    case "SESSION_EXPIRED":
      return { title: words.sessionTitle, hint: words.sessionHint };
    default:
      return { title: words.errorInternal, hint: words.errorInternalHint };
  }
}

function navigatorOffline(): boolean {
  return typeof navigator !== "undefined" && navigator.onLine === false;
}
