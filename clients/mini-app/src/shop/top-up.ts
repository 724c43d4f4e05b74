/** Amounts that are offered with one press, in rupiah. */
const OFFERED = [10_000n, 20_000n, 50_000n, 100_000n, 200_000n];

/** The most digits that an amount in a field may have. */
const DIGITS_MAX = 10;

/** The amounts that are offered within the wallet's bounds. */
export function offeredAmounts(minimum: bigint, maximum: bigint): readonly bigint[] {
  return OFFERED.filter((amount) => amount >= minimum && amount <= maximum);
}

/** The rupiah that a text stands for, whatever stands between the digits; none where there is no digit. */
export function amountIn(text: string): bigint | undefined {
  const digits = text.replace(/\D/g, "").slice(0, DIGITS_MAX);
  return digits === "" ? undefined : BigInt(digits);
}
