/** Amounts that are offered with one press, in rupiah. */
const OFFERED = [10_000n, 20_000n, 50_000n, 100_000n, 200_000n];

/** The amounts that are offered within the wallet's bounds. */
export function offeredAmounts(minimum: bigint, maximum: bigint): readonly bigint[] {
  return OFFERED.filter((amount) => amount >= minimum && amount <= maximum);
}
