import type { Reason } from "@warung/client";
import { ErrorReason } from "@warung/client/gen/warung/error/v1/error_reason_pb";
import { describe, expect, it } from "vitest";

import { languages, wordsOf } from "../src/words";
import { refusalOf, shopWordsOf } from "../src/words/shop";

const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
/** The forms of a text for one and for more, where it has them. */
const forms = (text: string): string[] => text.split("|");

/** What a buyer's calls of the shop can be refused with and needs words of its own, beside what any call can fail with. */
const OF_THE_SHOP: Reason[] = [
  "OUT_OF_STOCK",
  "PRICE_CHANGED",
  "TOO_MANY_UNPAID_ORDERS",
  "AMOUNT_BELOW_MINIMUM",
  "ORDER_NOT_PAYABLE",
  "TOO_MANY_PAYMENTS",
  "INVOICE_UNUSABLE",
  "ORDER_NOT_CANCELLABLE",
  "BALANCE_TOO_LOW",
  "GATEWAY_UNAVAILABLE",
  "PAYMENT_METHOD_UNAVAILABLE",
  "NO_WAY_TO_PAY",
  "PAYMENT_NOT_OPEN",
  "NOTHING_TO_SEND",
  "FORBIDDEN",
  "USER_BLOCKED",
  "CONFLICT",
  "RATE_LIMITED",
  "NOT_FOUND",
  "INVALID_ARGUMENT",
  "SESSION_EXPIRED",
  "DEADLINE_EXCEEDED",
];
/** Means the same to a buyer as one of those, or as a fault of the shop. */
const SAME_AS: Partial<Record<Reason, Reason>> = {
  REQUEST_ID_REUSED: "CONFLICT",
  CANCELED: "DEADLINE_EXCEEDED",
  UNAUTHENTICATED: "SESSION_EXPIRED",
  INIT_DATA_INVALID: "SESSION_EXPIRED",
  INIT_DATA_EXPIRED: "SESSION_EXPIRED",
  SESSION_INVALID: "SESSION_EXPIRED",
  UNAVAILABLE: "INTERNAL",
  STORAGE_FULL: "INTERNAL",
  UNIMPLEMENTED: "INTERNAL",
};
/** Never an answer to a call of the shop's pages: of films, of sellers, of keys, of gateways, or dealt with unseen. */
const NOT_HERE: Reason[] = [
  "VIDEO_MISSING",
  "VIP_REQUIRED",
  "START_TOKEN_UNKNOWN",
  "START_TOKEN_USED",
  "START_TOKEN_EXPIRED",
  "START_TOKEN_FOREIGN",
  "WATCH_LINK_EXPIRED",
  "PAGE_TOKEN_INVALID",
  "NOTHING_TO_FULFIL",
  "ORDER_NOT_REFUNDABLE",
  "REFUND_UNSUPPORTED",
  "REFUND_NOT_CLOSABLE",
  "TOP_UP_BY_GATEWAY_ONLY",
  "TOP_UP_NOT_REFUNDABLE",
  "PAYMENT_NOT_IN_REVIEW",
  "EDITED_MEANWHILE",
  "WEBHOOK_REFUSED",
  "LAST_OWNER",
  "USER_HAS_ROLE",
  "API_KEY_SHOWN",
  "API_KEY_INVALID",
];

describe("the shop's words", () => {
  it("one thing has one word", () => {
    const texts = Object.values(shopWordsOf("id")).join("\n");
    // The second of each pair is what the thing is called.
    for (const [other, word] of [
      [/lewat waktu/i, "kedaluwarsa"],
      [/cara (mem)?bayar/i, "metode pembayaran"],
      [/biaya pembayaran/i, "biaya layanan"],
      [/dompet digital/i, "e-wallet"],
      [/kirim lagi/i, "kirim ulang"],
    ] as const) {
      expect(texts, word).not.toMatch(other);
      expect(texts.toLowerCase()).toContain(word);
    }
  });

  it("no sign stands alone at the end of a line before its amount", () => {
    for (const { code } of languages) {
      expect(Object.values(shopWordsOf(code)).filter((text) => /[±×] /.test(text.replace("{count} × {price}", "")))).toEqual([]);
    }
  });

  it("both languages have the same keys, none empty, with the same places", () => {
    const [first, second] = [shopWordsOf("id"), shopWordsOf("en")];
    expect(Object.keys(second)).toEqual(Object.keys(first));
    for (const [key, text] of Object.entries(first)) {
      const other = second[key as keyof typeof second];
      expect(text.trim(), key).not.toBe("");
      expect(other.trim(), key).not.toBe("");
      for (const form of [...forms(text), ...forms(other)]) {
        expect(places(form), key).toEqual(places(forms(text)[0] ?? ""));
      }
    }
  });

  it("every reason of the API is thought of", () => {
    const reasons = Object.values(ErrorReason).filter((name): name is keyof typeof ErrorReason => typeof name === "string" && name !== "UNSPECIFIED");
    const thought = [...OF_THE_SHOP, ...Object.keys(SAME_AS), ...NOT_HERE, "INTERNAL"].filter((reason) => reason !== "CANCELED");
    expect(thought.sort()).toEqual([...reasons].sort());
  });

  it.each(languages.map(({ code }) => code))("every refusal says what is wrong and what to do (%s)", (code) => {
    const say = (reason: Reason) => refusalOf(wordsOf(code), shopWordsOf(code), reason, { price: "Rp10.000", left: 2, seconds: 7 });
    const refusals = [...OF_THE_SHOP, "INTERNAL" as const].map(say);
    expect(refusals.filter(({ title, hint }) => title === "" || hint === "" || /[{}]/.test(title + hint))).toEqual([]);
    expect(new Set(refusals.map(({ title }) => title)).size).toBe(refusals.length);
    for (const [reason, same] of Object.entries(SAME_AS)) {
      expect(say(reason as Reason), reason).toEqual(say(same));
    }
  });

  it("a refusal leads to where it can be helped", () => {
    const step = (reason: Reason, ordered = false) => refusalOf(wordsOf("id"), shopWordsOf("id"), reason, { ordered }).step;
    expect(step("TOO_MANY_UNPAID_ORDERS")).toBe("orders");
    expect(step("BALANCE_TOO_LOW")).toBe("wallet");
    expect(step("GATEWAY_UNAVAILABLE")).toBe("orders");
    expect(refusalOf(wordsOf("id"), shopWordsOf("id"), "GATEWAY_UNAVAILABLE").title).toBe("Pesanan tersimpan");
    expect(step("GATEWAY_UNAVAILABLE", true)).toBeUndefined();
    expect(step("INIT_DATA_EXPIRED")).toBe("close_app");
  });

  it("a stock that has just run out is said otherwise than one that is short", () => {
    const hint = (left: number) => refusalOf(wordsOf("id"), shopWordsOf("id"), "OUT_OF_STOCK", { left }).hint;
    expect(hint(2)).toContain("Tersisa 2");
    expect(hint(0)).toBe(shopWordsOf("id").outOfStockNone);
  });
});
