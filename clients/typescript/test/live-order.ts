// Orders that a program with an API key places at a live store. Who starts the store says where it is; `npm test` does not
// run this.
//
//   WARUNG_URL             its edge
//   WARUNG_API_KEY         a key with every scope
//   WARUNG_OTHER_API_KEY   another one
//   WARUNG_PAKASIR_URL     the emulated payment gateway
//   WARUNG_BUYER_ID        Telegram id of a buyer who is no member
//   WARUNG_PRODUCT_CODE    code of a product that is in stock
//   WARUNG_VIP_CODE        code of a VIP plan

import { expect, test } from "vitest";

import { CatalogService } from "../src/gen/warung/catalog/v1/catalog_service_pb";
import { OrderService } from "../src/gen/warung/order/v1/order_service_pb";
import { OrderState, type Order } from "../src/gen/warung/order/v1/order_pb";
import { PaymentState } from "../src/gen/warung/payment/v1/payment_pb";
import { createWarung, newRequestId, placeOrder, waitUntilPaid, WarungError, type Warung } from "../src/index";

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

function setting(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run \`cargo test --test clients\` in the project's folder`);
  }
  return value;
}

const baseUrl = setting("WARUNG_URL").replace(/\/$/, "");
const pakasirUrl = setting("WARUNG_PAKASIR_URL").replace(/\/$/, "");
const buyerTelegramId = BigInt(setting("WARUNG_BUYER_ID"));
const product = setting("WARUNG_PRODUCT_CODE");
const vipPlan = setting("WARUNG_VIP_CODE");
const timeout = 90_000;

const store = (apiKey: string): Warung => createWarung({ baseUrl, auth: { apiKey } });
const warung = store(setting("WARUNG_API_KEY"));
const other = store(setting("WARUNG_OTHER_API_KEY"));

/** Pays an order's invoice, as the buyer does with their bank's app. */
async function pay(order: Order): Promise<void> {
  const url = `${pakasirUrl}/sim/transactions/${order.payments[0]?.reference}/pay`;
  expect((await fetch(url, { method: "POST" })).status).toBe(200);
}

async function reason(call: Promise<unknown>): Promise<string> {
  const thrown: unknown = await call.catch((error: unknown) => error);
  return thrown instanceof WarungError ? thrown.reason : "none";
}

test("an order for a buyer is seen paid", { timeout }, async () => {
  const wanted = { items: { [product]: 1 }, buyerTelegramId, requestId: newRequestId() };
  const shown = (await warung.service(CatalogService).getProduct({ productId: product })).product;
  const order = await placeOrder(warung, wanted);
  expect(order.state).toBe(OrderState.PENDING);
  expect(order.buyerTelegramId).toBe(buyerTelegramId);
  expect(order.price?.subtotal?.minorUnits).toBe(shown?.price?.minorUnits);
  expect(order.payments[0]?.state).toBe(PaymentState.OPEN);
  expect(order.payments[0]?.qrPayload).toMatch(/^000201/);

  // The same request id is the same order, however often it is sent.
  expect((await placeOrder(warung, wanted)).orderId).toBe(order.orderId);
  expect(await reason(waitUntilPaid(warung, order, { timeoutMs: 100 }))).toBe("DEADLINE_EXCEEDED");
  // Whichever clock is the first: the client's or the store's.
  const follow = { orderId: order.orderId, knownVersion: order.version, wait: { seconds: 20n } };
  for (let turn = 0; turn < 20; turn++) {
    const cutShort = warung.service(OrderService).followOrder(follow, { timeoutMs: 50 });
    expect(await reason(cutShort)).toBe("DEADLINE_EXCEEDED");
  }

  await pay(order);
  const paid = await waitUntilPaid(warung, order, { timeoutMs: 60_000 });
  expect([OrderState.PAID, OrderState.COMPLETED]).toContain(paid.state);
  expect(paid.paid?.minorUnits).toBe(order.price?.subtotal?.minorUnits);
  expect(paid.payments[0]?.state).toBe(PaymentState.PAID);

  // A key sees what it placed, and no other key does.
  const { orders } = await warung.service(OrderService).listOrders({});
  expect(orders.map((one) => one.orderId)).toContain(order.orderId);
  expect(await reason(other.service(OrderService).getOrder({ orderId: order.orderId }))).toBe("NOT_FOUND");
  expect((await other.service(OrderService).listOrders({})).orders).toEqual([]);
});

test("a VIP plan makes the buyer a member", { timeout }, async () => {
  const order = await placeOrder(warung, { items: { [vipPlan]: 1 }, buyerTelegramId });
  const asked = { telegramId: buyerTelegramId };
  expect((await warung.membership.getMembership(asked)).membership?.active).toBe(false);
  await pay(order);
  expect((await waitUntilPaid(warung, order, { timeoutMs: 60_000 })).state).toBe(OrderState.COMPLETED);
  expect((await warung.membership.getMembership(asked)).membership?.active).toBe(true);
  expect(await reason(other.membership.getMembership(asked))).toBe("NOT_FOUND");
});

test("a key may do what its scopes say and no more", async () => {
  expect(await reason(warung.identity.getMe({}))).toBe("FORBIDDEN");
  expect((await warung.operations.getStore({})).name).not.toBe("");
});

test("a wrong key is refused", async () => {
  const nobody = store(`wrg_${"A".repeat(43)}`);
  expect(await reason(placeOrder(nobody, { items: { [product]: 1 }, buyerTelegramId }))).toBe("API_KEY_INVALID");
});
