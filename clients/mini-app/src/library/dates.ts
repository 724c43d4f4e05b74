import type { Language } from "../words";

/** A moment in the store's zone, to the minute, with the zone's name. An unknown zone falls back to UTC. */
export function momentIn(zone: string, language: Language, milliseconds: number): string {
  const options = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
  const locale = language === "id" ? "id-ID" : "en-GB";
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }).format(milliseconds);
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(milliseconds);
  }
}
