import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ProductKind } from "@warung/client/gen/warung/catalog/v1/catalog_pb";
import { HoldReason, OrderSchema, OrderState, type Order } from "@warung/client/gen/warung/order/v1/order_pb";
import { PaymentMethod, PaymentState } from "@warung/client/gen/warung/payment/v1/payment_pb";
import { describe, expect, it } from "vitest";

import { rupiah } from "../src/money";
import { countdown } from "../src/order/countdown";
import { drawQr } from "../src/order/qr";
import { badgeOf, billOf, cancelHint, dueOf, nameOf, orderView, phaseOf } from "../src/order/view";
import { languages } from "../src/words";
import { shopWordsOf } from "../src/words/shop";

const NOW = 1_800_000_000_000;
const words = shopWordsOf("id");

/** An order of two units at Rp25.000. */
function order(more: MessageInitShape<typeof OrderSchema> = {}): Order {
  return create(OrderSchema, {
    state: OrderState.PENDING,
    lines: [{ orderLineId: "orl_1", productName: "Netflix", kind: ProductKind.STOCK, quantity: 2, gross: rupiah(50_000n) }],
    price: { subtotal: rupiah(50_000n), discount: rupiah(0n), fee: rupiah(0n), total: rupiah(50_000n) },
    expireTime: timestampFromMs(NOW + 60_000),
    ...more,
  } as MessageInitShape<typeof OrderSchema>);
}

const invoice = (state: PaymentState, expiresIn = 60_000) => ({
  method: PaymentMethod.QRIS,
  state,
  amount: rupiah(50_000n),
  fee: rupiah(660n),
  total: rupiah(50_660n),
  expireTime: timestampFromMs(NOW + expiresIn),
});
const linesOf = (...kinds: ProductKind[]) => kinds.map((kind, index) => ({ orderLineId: `orl_${index}`, kind, quantity: 1 }));

describe("an order's page", () => {
  it.each([
    ["choose", { payments: [] }],
    ["choose", { payments: [invoice(PaymentState.FAILED), invoice(PaymentState.CANCELLED)] }],
    ["preparing", { payments: [invoice(PaymentState.CREATING)] }],
    ["pay", { payments: [invoice(PaymentState.OPEN), invoice(PaymentState.CANCELLED)] }],
    ["ended", { payments: [invoice(PaymentState.OPEN, 0)] }],
    ["ended", { expireTime: timestampFromMs(NOW - 1) }],
    ["pay", { expireTime: timestampFromMs(NOW - 1), payments: [invoice(PaymentState.OPEN)] }],
    ["paid", { state: OrderState.PAID }],
    ["manual", { state: OrderState.PAID, holdReason: HoldReason.MANUAL }],
    ["unreachable", { state: OrderState.PAID, holdReason: HoldReason.BUYER_UNREACHABLE }],
    ["undeliverable", { state: OrderState.PAID, holdReason: HoldReason.UNDELIVERABLE }],
    ["completed", { state: OrderState.COMPLETED }],
    ["completed", { state: OrderState.COMPLETED, lines: linesOf(ProductKind.MEMBERSHIP, ProductKind.SHARED) }],
    ["vip", { state: OrderState.COMPLETED, lines: linesOf(ProductKind.MEMBERSHIP) }],
    ["topped_up", { state: OrderState.COMPLETED, lines: linesOf(ProductKind.TOP_UP) }],
    ["cancelled", { state: OrderState.CANCELLED }],
    ["expired", { state: OrderState.EXPIRED }],
    ["refunded", { state: OrderState.REFUNDED }],
  ] as const)("is about %s", (phase, more) => {
    expect(phaseOf(order(more as MessageInitShape<typeof OrderSchema>), NOW)).toBe(phase);
  });

  it("says of every state what is going on, in both languages", () => {
    const states = Object.values(OrderState).filter((state): state is OrderState => typeof state === "number" && state !== OrderState.UNSPECIFIED);
    const holds = Object.values(HoldReason).filter((hold): hold is HoldReason => typeof hold === "number");
    for (const { code } of languages) {
      const shop = shopWordsOf(code);
      const views = [...states.map((state) => order({ state })), ...holds.map((holdReason) => order({ state: OrderState.PAID, holdReason }))].map((one) =>
        orderView(one, shop, NOW),
      );
      expect(views.filter(({ title, hint }) => title === "" || hint === "" || /[{}]/.test(title + hint))).toEqual([]);
      expect(new Set(states.map((state) => badgeOf(state, shop).text)).size).toBe(states.length);
    }
  });

  it("speaks of stock and of balance only where there is some", () => {
    const hint = (more: MessageInitShape<typeof OrderSchema>) => orderView(order(more), words, NOW).hint;
    const vip = { lines: linesOf(ProductKind.MEMBERSHIP) };
    const byBalance = (state: PaymentState) => ({ payments: [{ method: PaymentMethod.BALANCE, state }] });
    expect(hint({})).toMatch(/stok/);
    expect(hint(vip)).not.toMatch(/stok/);
    expect(hint({ state: OrderState.CANCELLED })).not.toMatch(/saldo/i);
    expect(hint({ state: OrderState.CANCELLED, ...byBalance(PaymentState.RETURNED) })).toMatch(/saldo/i);
    expect(cancelHint(order(vip), words)).not.toMatch(/stok|saldo/i);
    expect(cancelHint(order(byBalance(PaymentState.PAID)), words)).toMatch(/saldo/i);
    expect(cancelHint(order(byBalance(PaymentState.FAILED)), words)).not.toMatch(/saldo/i);
    expect(hint({ state: OrderState.REFUNDED })).not.toMatch(/VIP/);
    expect(hint({ state: OrderState.REFUNDED, ...vip })).toMatch(/hari VIP dari pesanan ini tidak berlaku lagi/);
  });

  it("the bill shows what the open invoice asks for, with what the balance has paid", () => {
    const paidInPart = order({
      paid: rupiah(20_000n),
      payments: [
        { ...invoice(PaymentState.OPEN), amount: rupiah(30_000n), fee: rupiah(520n), total: rupiah(30_520n) },
        { method: PaymentMethod.BALANCE, state: PaymentState.PAID, amount: rupiah(20_000n) },
      ],
    });
    expect(dueOf(paidInPart)).toBe(30_000n);
    expect(billOf(paidInPart, words).map(({ label, amount }) => [label, amount])).toEqual([
      ["Subtotal", "Rp50.000"],
      ["Dari saldo", "−Rp20.000"],
      ["Biaya layanan", "Rp520"],
      ["Total", "Rp30.520"],
    ]);
  });

  it("the bill of a paid order shows its whole price, and what came back", () => {
    const price = { subtotal: rupiah(50_000n), discount: rupiah(5_000n), fee: rupiah(660n), total: rupiah(45_660n) };
    const paid = order({ state: OrderState.COMPLETED, price, paid: rupiah(45_000n), refunded: rupiah(10_000n) });
    expect(billOf(paid, words).map(({ label, amount }) => [label, amount])).toEqual([
      ["Subtotal", "Rp50.000"],
      ["Potongan", "−Rp5.000"],
      ["Biaya layanan", "Rp660"],
      ["Total", "Rp45.660"],
      ["Dikembalikan", "Rp10.000"],
    ]);
  });

  it("an order is called after its first line", () => {
    expect(nameOf(order(), words)).toBe("Netflix");
    expect(nameOf(order({ lines: [{ productName: "Netflix" }, { productName: "Canva" }] }), words)).toBe("Netflix dan 1 lainnya");
    const topUp = order({ lines: [{ productName: "Isi saldo", kind: ProductKind.TOP_UP }] });
    expect(nameOf(topUp, words)).toBe("Isi saldo");
    expect(nameOf(topUp, shopWordsOf("en")), "in the reader's language").toBe("Top-up");
  });
});

describe("a countdown", () => {
  it.each([
    [900_000, "15:00"],
    [899_999, "14:59"],
    [59_000, "0:59"],
    [1_999, "0:01"],
    [1, "0:00"],
    [0, "0:00"],
    [-5_000, "0:00"],
    [3_723_000, "1:02:03"],
  ])("with %i ms left shows %s", (left, text) => {
    expect(countdown(NOW + left, NOW)).toBe(text);
  });
});

describe("a QR code", () => {
  const payload =
    "00020101021226610016ID.CO.SHOPEE.WWW01189360091800216005230208216005230303UME51440014ID.CO.QRIS.WWW0215ID10243228429300303UME5204792953033605409100003.005802ID5907Pakasir6012KAB. KEBUMEN61055439262230519SP25RZRATEQI2HQ65Q46304A079";

  it("has its three corners within a quiet zone of four modules", () => {
    const { size, path } = drawQr(payload);
    const dark = new Set<string>();
    for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
      for (let step = 0; step < Number(width); step += 1) {
        dark.add(`${Number(x) + step},${y}`);
      }
    }
    // A finder pattern: seven dark, then a light ring.
    for (const [left, top] of [
      [4, 4],
      [size - 11, 4],
      [4, size - 11],
    ] as const) {
      expect(Array.from({ length: 7 }, (_, step) => dark.has(`${left + step},${top}`))).toEqual(Array(7).fill(true));
      expect(Array.from({ length: 7 }, (_, step) => dark.has(`${left + step},${top + 1}`))).toEqual([true, false, false, false, false, false, true]);
    }
    const outside = [...dark].filter((place) => place.split(",").some((at) => Number(at) < 4 || Number(at) >= size - 4));
    expect(outside).toEqual([]);
  });

  it("that would be too large is refused, not cut", () => {
    expect(() => drawQr("x".repeat(4_000))).toThrow();
  });
});
