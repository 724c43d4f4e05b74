import type { Language } from "../words";

const LONG = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
const SHORT = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;

/** A moment in the store's zone, to the minute, with the zone's name. An unknown zone falls back to UTC. */
export function momentIn(zone: string, language: Language, milliseconds: number): string {
  return format(zone, language, milliseconds, LONG);
}

/** The same for lists: the month cut short, without the zone's name. */
export function shortMomentIn(zone: string, language: Language, milliseconds: number): string {
  return format(zone, language, milliseconds, SHORT);
}

function format(zone: string, language: Language, milliseconds: number, options: Intl.DateTimeFormatOptions): string {
  const locale = language === "id" ? "id-ID" : "en-GB";
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }).format(milliseconds);
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(milliseconds);
  }
}
