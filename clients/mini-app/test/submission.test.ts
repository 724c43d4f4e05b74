import { errorFrom, WarungError, type Reason } from "@warung/client";
import type { PlaceOrderRequest } from "@warung/client/gen/warung/order/v1/order_service_pb";
import { PaymentMethod } from "@warung/client/gen/warung/payment/v1/payment_pb";
import { get } from "svelte/store";
import { describe, expect, it } from "vitest";

import { rupiah } from "../src/money";
import { buy } from "../src/shop/purchase";
import { mayBeDone, Submission } from "../src/shop/submission";

/** A change that is sent to a core which gives these answers in turn. */
function sender(...answers: (Reason | "done")[]) {
  let ids = 0;
  const submission = new Submission(
    () => `id-${(ids += 1)}`,
    () => 1_000,
  );
  const sent: string[] = [];
  const send = (wanted: object) =>
    submission.send(wanted, ({ requestId }) => {
      sent.push(requestId);
      const answer = answers.shift() ?? "done";
      return answer === "done" ? Promise.resolve(answer) : Promise.reject(new WarungError(answer, "refused", answer === "RATE_LIMITED" ? 7_000 : undefined));
    });
  return { submission, sent, send };
}

describe("a change", () => {
  it("keeps its request id over every retry, whatever answer was lost", async () => {
    const { sent, send } = sender("UNAVAILABLE", "DEADLINE_EXCEEDED", "GATEWAY_UNAVAILABLE", "done");
    for (let times = 0; times < 4; times += 1) {
      await send({ amount: 10_000n });
    }
    expect(sent).toEqual(["id-1", "id-1", "id-1", "id-1"]);
  });

  it("keeps it when its refusal was taken off the page", async () => {
    const { submission, sent, send } = sender("GATEWAY_UNAVAILABLE", "done");
    await send({ order: "a" });
    submission.clear();
    await send({ order: "a" });
    expect(sent).toEqual(["id-1", "id-1"]);
  });

  it("that is another has another id, and so has the same once it is done", async () => {
    const { sent, send } = sender("PRICE_CHANGED", "done", "done");
    await send({ price: 1n });
    await send({ price: 2n });
    await send({ price: 2n });
    expect(sent).toEqual(["id-1", "id-2", "id-3"]);
  });

  it("is sent once, however often the button is pressed", async () => {
    const { sent, send } = sender();
    const answers = await Promise.all([send({ order: "a" }), send({ order: "a" }), send({ order: "a" })]);
    expect(sent).toEqual(["id-1"]);
    expect(answers).toEqual(["done", undefined, undefined]);
  });

  it("whose id the core knows with other content gets a new one", async () => {
    const { sent, send } = sender("REQUEST_ID_REUSED", "done");
    await send({ order: "a" });
    await send({ order: "a" });
    expect(sent).toEqual(["id-1", "id-2"]);
  });

  it("that is limited says until when", async () => {
    const { submission, send } = sender("RATE_LIMITED");
    await send({ order: "a" });
    expect(get(submission.state)).toEqual({ kind: "refused", reason: "RATE_LIMITED", until: 8_000 });
  });
});

describe("a change that was refused", () => {
  it("may be made all the same when its answer was lost or the core could not go on", () => {
    const lost = errorFrom(new TypeError("Failed to fetch")).reason;
    for (const reason of [lost, "UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "GATEWAY_UNAVAILABLE", "CONFLICT"] as const) {
      expect(mayBeDone(reason), reason).toBe(true);
    }
  });

  it("is not made when the core said why", () => {
    for (const reason of ["PRICE_CHANGED", "OUT_OF_STOCK", "BALANCE_TOO_LOW", "RATE_LIMITED", "PAYMENT_METHOD_UNAVAILABLE"] as const) {
      expect(mayBeDone(reason), reason).toBe(false);
    }
  });
});

describe("buying", () => {
  it("names the price that was shown, and a new price is another purchase", async () => {
    const asked: PlaceOrderRequest[] = [];
    const orders = {
      placeOrder: (request: PlaceOrderRequest) => {
        asked.push(request);
        return Promise.reject(new WarungError(asked.length < 3 ? "GATEWAY_UNAVAILABLE" : "PRICE_CHANGED", "refused"));
      },
    } as unknown as Parameters<typeof buy>[0];
    const submission = new Submission();
    const purchase = (price: bigint) => ({
      product: { productId: "prd_1", price: rupiah(price) as never },
      quantity: 2,
      method: PaymentMethod.QRIS,
      useBalance: false,
    });
    for (const price of [25_000n, 25_000n, 25_000n, 30_000n]) {
      await buy(orders, submission, purchase(price));
    }
    expect(asked.map((request) => request.expectedSubtotal?.minorUnits)).toEqual([50_000n, 50_000n, 50_000n, 60_000n]);
    expect(asked.map(({ requestId }) => requestId === asked[0]?.requestId)).toEqual([true, true, true, false]);
    expect(asked[0]).toMatchObject({ items: [{ productId: "prd_1", quantity: 2 }], paymentMethod: PaymentMethod.QRIS, useBalance: false });
  });
});
