/** An amount as `Money` has it, made or read. */
export interface Amount {
  readonly currencyCode?: string;
  readonly minorUnits?: bigint;
}

/** An amount as Indonesians write it, such as `Rp10.000`; other currencies by their code. Neither has decimals. */
export function formatMoney(money: Amount | undefined): string {
  const units = money?.minorUnits ?? 0n;
  const sign = units < 0n ? "−" : "";
  const digits = String(units < 0n ? -units : units).replace(/\B(?=(\d{3})+$)/g, ".");
  const currency = money?.currencyCode || "IDR";
  return currency === "IDR" ? `${sign}Rp${digits}` : `${sign}${digits} ${currency}`;
}

/** So many rupiah. */
export function rupiah(units: bigint): { currencyCode: string; minorUnits: bigint } {
  return { currencyCode: "IDR", minorUnits: units };
}
