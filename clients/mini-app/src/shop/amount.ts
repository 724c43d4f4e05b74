/** Why a text is no amount. */
export type AmountFault =
  /** It says no amount. */
  | "unreadable"
  /** It is below zero. */
  | "negative"
  /** It can be understood in two ways, or has a part of a rupiah. */
  | "ambiguous"
  /** It has more digits than any amount here. */
  | "too_large";

/** The most digits of an amount. */
const DIGITS_MAX = 12;
/** The most digits before a unit: `1500rb` is written, `75000rb` is a slip. */
const DIGITS_BEFORE_UNIT_MAX = 4;
/** What a unit multiplies by. */
const UNITS: Readonly<Record<string, bigint>> = { rb: 1_000n, ribu: 1_000n, k: 1_000n, jt: 1_000_000n, juta: 1_000_000n };

const MINUS = /^[-−–]\s*/;
/** Digits in groups. A point, a comma or a space stands between two of them. */
const GROUPS = /^[0-9]+(?:[.,\s][0-9]+)*$/;

/**
 * Reads rupiah as people write them: `75000`, `Rp. 75.000,-`, `75rb`, `1,2jt`. What can be understood in two ways is refused
 * rather than guessed: it is money. `tests/amounts.json` has the cases, which the bot is proved by as well.
 */
export function readAmount(text: string): bigint | AmountFault {
  const whole = text.trim().toLowerCase();
  const named = whole.replace(MINUS, "").replace(/^(rp\.?|idr)\s*/, "");
  const bare = named.replace(MINUS, "").replace(/\s*(rupiah|idr)$/, "");
  const amount = unsigned(bare);
  const isNegative = MINUS.test(whole) || MINUS.test(named);
  return isNegative && typeof amount === "bigint" ? "negative" : amount;
}

function unsigned(text: string): bigint | AmountFault {
  const [, counted = "", unit = ""] = /^(.*?)\s*(ribu|rb|k|juta|jt)$/s.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor !== undefined) {
    return GROUPS.test(counted) ? withUnit(counted, factor) : "unreadable";
  }
  // A million or, in Indonesian, a milliard.
  if (/m$/.test(text) && GROUPS.test(text.replace(/\s*m$/, ""))) {
    return "ambiguous";
  }
  const number = text.replace(/(,-|\.-|,–)$/, "");
  return GROUPS.test(number) ? plain(number) : "unreadable";
}

function withUnit(number: string, factor: bigint): bigint | AmountFault {
  // Three digits behind the point might be thousands.
  const [, whole = "", part = ""] = /^([0-9]+)(?:[.,]([0-9]{1,2}))?$/.exec(number) ?? [];
  if (whole === "" || whole.length > DIGITS_BEFORE_UNIT_MAX) {
    return "ambiguous";
  }
  return BigInt(whole) * factor + (BigInt(part.padEnd(2, "0")) * factor) / 100n;
}

function plain(number: string): bigint | AmountFault {
  const [, withoutCents = "", point = ""] = /^(.*)([.,])00$/s.exec(number) ?? [];
  const hasCents = point !== "" && !withoutCents.includes(point);
  const digits = (hasCents ? withoutCents : number).replace(/[^0-9]/g, "");
  // "75.00" is rather a slip for "75.000".
  if (hasCents && digits.length < 4) {
    return "ambiguous";
  }
  const isGrouped = /^[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+|(?:\s[0-9]{3})+)$/.test(hasCents ? withoutCents : number);
  if (!isGrouped && /[.,\s]/.test(hasCents ? withoutCents : number)) {
    return "ambiguous";
  }
  return digits.length > DIGITS_MAX ? "too_large" : BigInt(digits);
}
