import type { Language } from "../words";

/** The short names of the months as the chat has them: phones do not agree on them. */
const MONTHS: Record<Language, readonly string[]> = {
  id: ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
  en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};
const PARTS = {
  day: "numeric",
  month: "numeric",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
} as const;

/** A moment in the store's zone as the chat tells it: `21 Nov 2026 21.00 WIB`. An unknown zone falls back to UTC. */
export function momentIn(zone: string, language: Language, milliseconds: number): string {
  const part = partsIn(zone, milliseconds);
  const time = `${part("hour")}${language === "id" ? "." : ":"}${part("minute")}`;
  return `${dayOf(part, language)} ${time} ${part("timeZoneName")}`;
}

/**
 * Until when what ends at a moment lasts: the last day that it covers where it ends at midnight in the store's zone, such as
 * `31 Jan 2031`, else the moment. "Until 1 Feb 2031 00.00" would be read as if the first of February were part of it.
 */
export function coveredUntil(zone: string, language: Language, milliseconds: number): string {
  const part = partsIn(zone, milliseconds);
  const endsAtMidnight = milliseconds % 1_000 === 0 && [part("hour"), part("minute"), part("second")].every((value) => Number(value) === 0);
  return endsAtMidnight ? dayOf(partsIn(zone, milliseconds - 1), language) : momentIn(zone, language, milliseconds);
}

type Part = (type: Intl.DateTimeFormatPartTypes) => string;

function dayOf(part: Part, language: Language): string {
  return `${part("day")} ${MONTHS[language][Number(part("month")) - 1] ?? ""} ${part("year")}`;
}

/** In Indonesian, which alone has names for Indonesia's zones. */
function partsIn(zone: string, milliseconds: number): Part {
  const parts = formatIn(zone).formatToParts(milliseconds);
  return (type) => parts.find((part) => part.type === type)?.value ?? "";
}

function formatIn(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("id-ID", { ...PARTS, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat("id-ID", { ...PARTS, timeZone: "UTC" });
  }
}
