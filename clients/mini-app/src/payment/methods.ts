import { PaymentMethod, type PaymentMethodOffer } from "@warung/client/gen/warung/payment/v1/payment_pb";

import { fill } from "../words";
import type { ShopWords } from "../words/shop";

/** The banks of the virtual accounts. */
const banks: Partial<Record<PaymentMethod, string>> = {
  [PaymentMethod.CIMB_NIAGA_VA]: "CIMB Niaga",
  [PaymentMethod.BNI_VA]: "BNI",
  [PaymentMethod.BRI_VA]: "BRI",
  [PaymentMethod.PERMATA_VA]: "Permata",
  [PaymentMethod.MAYBANK_VA]: "Maybank",
  [PaymentMethod.BNC_VA]: "Bank Neo Commerce",
  [PaymentMethod.SAMPOERNA_VA]: "Bank Sampoerna",
  [PaymentMethod.ATM_BERSAMA_VA]: "ATM Bersama",
  [PaymentMethod.ARTHA_GRAHA_VA]: "Artha Graha",
};

/** What a way to pay is called. */
export function methodName(method: PaymentMethod, words: ShopWords): string {
  switch (method) {
    case PaymentMethod.BALANCE:
      return words.balance;
    case PaymentMethod.QRIS:
      return "QRIS";
    default:
      return fill(words.virtualAccount, { bank: banks[method] ?? "" }).trim();
  }
}

/** A way to pay as the sheet shows it. */
export interface Choice {
  readonly method: PaymentMethod;
  /** What this way pays, without fee. */
  readonly amount: bigint;
  /** What the gateway is thought to charge on top. */
  readonly fee: bigint;
  /** The least that it takes. */
  readonly minimum: bigint;
  /** It takes the amount. */
  readonly possible: boolean;
}

/** How much of an order the balance pays beside a way that takes no less than `minimum`: the rest must be enough for it. */
export function balancePart(due: bigint, balance: bigint, minimum: bigint): bigint {
  const most = due - minimum;
  const part = balance < most ? balance : most;
  return part > 0n ? part : 0n;
}

/**
 * The ways to pay `due`. `fees` are the offers for the amount that is left when the balance pays its part; `balance` is
 * absent where the balance can't pay.
 */
export function choicesOf(
  offers: readonly PaymentMethodOffer[],
  due: bigint,
  balance: bigint | undefined,
  useBalance: boolean,
): readonly Choice[] {
  return offers
    .filter(({ method }) => method !== PaymentMethod.UNSPECIFIED && (method !== PaymentMethod.BALANCE || balance !== undefined))
    .map(({ method, minimum: least, estimatedFee }) => {
      const minimum = least?.minorUnits ?? 0n;
      const byBalance = method === PaymentMethod.BALANCE;
      const amount = byBalance || !useBalance ? due : due - balancePart(due, balance ?? 0n, minimum);
      const possible = byBalance ? (balance ?? 0n) >= due : amount >= minimum;
      return { method, amount, fee: byBalance ? 0n : (estimatedFee?.minorUnits ?? 0n), minimum, possible };
    });
}

/** The way that is chosen before the user chooses: the one they used last, else the first that is possible. */
export function firstMethod(choices: readonly Choice[], last: number): PaymentMethod {
  const possible = choices.filter((choice) => choice.possible);
  return (possible.find(({ method }) => method === last) ?? possible[0])?.method ?? PaymentMethod.UNSPECIFIED;
}
