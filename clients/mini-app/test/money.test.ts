import { create } from "@bufbuild/protobuf";
import { PaymentMethod as Method, PaymentMethodOfferSchema } from "@warung/client/gen/warung/payment/v1/payment_pb";
import { describe, expect, it } from "vitest";

import table from "../../../tests/amounts.json";
import { formatMoney, rupiah } from "../src/money";
import { balancePart, choicesOf, firstMethod, methodName } from "../src/payment/methods";
import { readAmount } from "../src/shop/amount";
import { orderable, quantityWithin } from "../src/shop/stock";
import { offeredAmounts } from "../src/shop/top-up";
import { languages } from "../src/words";
import { shopWordsOf } from "../src/words/shop";

describe("amounts", () => {
  it.each<[bigint, string]>([
    [0n, "Rp0"],
    [999n, "Rp999"],
    [10_000n, "Rp10.000"],
    [1_234_567n, "Rp1.234.567"],
    [100_000_000_000n, "Rp100.000.000.000"],
    [-15_000n, "−Rp15.000"],
  ])("%s rupiah are %s", (units, text) => {
    expect(formatMoney(rupiah(units))).toBe(text);
  });

  it("larger than a float can count are exact", () => {
    expect(formatMoney(rupiah(9_007_199_254_740_993n))).toBe("Rp9.007.199.254.740.993");
  });

  it("of another currency are told with its code, and none is nothing", () => {
    expect(formatMoney({ currencyCode: "XTR", minorUnits: 1_500n })).toBe("1.500 XTR");
    expect(formatMoney(undefined)).toBe("Rp0");
  });
});

describe("an amount that is typed", () => {
  it.each(Object.entries(table.read))("%j is %s", (text, amount) => {
    expect(readAmount(text)).toBe(BigInt(amount));
  });

  it.each(Object.entries(table.refused))("%j is %s", (text, fault) => {
    expect(readAmount(text)).toBe(fault);
  });

  it.each([0n, 10n, 999n, 1_000n, 75_000n, 1_234_567n, 999_999_999_999n])("%s is read as it is shown", (amount) => {
    expect(readAmount(formatMoney(rupiah(amount)))).toBe(amount);
  });

  it("is offered within the wallet's bounds", () => {
    expect(offeredAmounts(10_000n, 10_000_000n)).toEqual([10_000n, 20_000n, 50_000n, 100_000n, 200_000n]);
    expect(offeredAmounts(20_000n, 100_000n)).toEqual([20_000n, 50_000n, 100_000n]);
  });
});

describe("ways to pay", () => {
  const offer = (method: Method, minimum: bigint, fee: bigint) =>
    create(PaymentMethodOfferSchema, { method, minimum: rupiah(minimum), estimatedFee: rupiah(fee) });
  const offers = [offer(Method.QRIS, 500n, 310n), offer(Method.BALANCE, 1n, 0n), offer(Method.BNI_VA, 10_000n, 3_500n)];

  it("the balance is one when it holds enough, and the sheet says which are possible", () => {
    const possible = (due: bigint, balance: bigint | undefined) =>
      choicesOf(offers, due, balance, false)
        .filter((choice) => choice.possible)
        .map(({ method }) => method);
    expect(possible(20_000n, 20_000n)).toEqual([Method.QRIS, Method.BALANCE, Method.BNI_VA]);
    expect(possible(20_000n, 19_999n)).toEqual([Method.QRIS, Method.BNI_VA]);
    expect(possible(9_999n, undefined)).toEqual([Method.QRIS]);
    expect(possible(499n, 0n)).toEqual([]);
  });

  it("the balance pays a part, and leaves the gateway what it takes at least", () => {
    expect(balancePart(50_000n, 20_000n, 500n)).toBe(20_000n);
    expect(balancePart(20_100n, 20_000n, 500n)).toBe(19_600n);
    expect(balancePart(500n, 400n, 500n)).toBe(0n);
    expect(balancePart(300n, 200n, 500n)).toBe(0n);
    expect(choicesOf(offers, 50_000n, 20_000n, true).map(({ amount }) => amount)).toEqual([30_000n, 50_000n, 30_000n]);
    expect(choicesOf(offers, 50_000n, undefined, true).map(({ amount }) => amount)).toEqual([50_000n, 50_000n]);
  });

  it("the one of last time is chosen first, if it is possible", () => {
    const choices = choicesOf(offers, 5_000n, 0n, false);
    expect(firstMethod(choices, Method.QRIS)).toBe(Method.QRIS);
    expect(firstMethod(choices, Method.BNI_VA)).toBe(Method.QRIS);
    expect(firstMethod(choices, Number.NaN)).toBe(Method.QRIS);
    expect(firstMethod([], Method.QRIS)).toBe(Method.UNSPECIFIED);
  });

  it("each has a name of its own in both languages", () => {
    const methods = Object.values(Method).filter((method) => typeof method === "number" && method !== Method.UNSPECIFIED) as Method[];
    for (const { code } of languages) {
      const names = methods.map((method) => methodName(method, shopWordsOf(code)));
      expect(new Set(names).size).toBe(methods.length);
      expect(names.filter((name) => name.includes("{") || name.startsWith("Virtual") || name.startsWith("virtual"))).toEqual([]);
    }
  });
});

describe("stock", () => {
  it("bounds the quantity; what has no end stops at what an order may have", () => {
    expect([undefined, 0n, 3n, 5_000n].map((stock) => orderable({ ...(stock !== undefined && { stock }) }))).toEqual([100, 0, 3, 100]);
    expect(quantityWithin({ stock: 2n }, 5)).toBe(2);
    expect(quantityWithin({ stock: 0n }, 5)).toBe(1);
    expect(quantityWithin({}, 250)).toBe(100);
  });
});
