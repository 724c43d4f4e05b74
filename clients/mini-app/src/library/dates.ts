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
  hourCycle: "h23",
  timeZoneName: "short",
} as const;

/** A moment in the store's zone as the chat tells it: `21 Nov 2026 21.00 WIB`. An unknown zone falls back to UTC. */
export function momentIn(zone: string, language: Language, milliseconds: number): string {
  const parts = partsIn(zone, milliseconds);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? "";
  const month = MONTHS[language][Number(part("month")) - 1] ?? "";
  const time = `${part("hour")}${language === "id" ? "." : ":"}${part("minute")}`;
  return `${part("day")} ${month} ${part("year")} ${time} ${part("timeZoneName")}`;
}

/** In Indonesian, which alone has names for Indonesia's zones. */
function partsIn(zone: string, milliseconds: number): readonly Intl.DateTimeFormatPart[] {
  try {
    return new Intl.DateTimeFormat("id-ID", { ...PARTS, timeZone: zone }).formatToParts(milliseconds);
  } catch {
    return new Intl.DateTimeFormat("id-ID", { ...PARTS, timeZone: "UTC" }).formatToParts(milliseconds);
  }
}
