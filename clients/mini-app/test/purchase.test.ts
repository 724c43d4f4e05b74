import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { WarungError } from "@warung/client";
import { ProductSchema } from "@warung/client/gen/warung/catalog/v1/catalog_pb";
import { OrderSchema, OrderState } from "@warung/client/gen/warung/order/v1/order_pb";
import { describe, expect, it } from "vitest";

import { rupiah } from "../src/money";
import { unpaidOrder } from "../src/shop/purchase";

const NOW = 1_800_000_000_000;
const wanted = { product: create(ProductSchema, { productId: "prd_1", price: rupiah(15_000n) }), quantity: 2 };

type Service = Parameters<typeof unpaidOrder>[0];

/** Looks through one order of these lines, by product and number, in a state, that can be paid for so long and costs so much. */
function look(state: OrderState, lines: readonly (readonly [string, number])[], leftMs = 60_000, cost = 30_000n) {
  const order = create(OrderSchema, {
    orderId: "ord_1",
    state,
    lines: lines.map(([productId, quantity]) => ({ productId, quantity })),
    expireTime: timestampFromMs(NOW + leftMs),
    price: { subtotal: rupiah(cost) },
  });
  return unpaidOrder({ listOrders: () => Promise.resolve({ orders: [order] }) } as unknown as Service, wanted, NOW);
}

describe("what is bought again", () => {
  it("shows the bill that is open for the very same", async () => {
    expect((await look(OrderState.PENDING, [["prd_1", 2]]))?.orderId).toBe("ord_1");
  });

  it.each([
    ["is paid", OrderState.PAID, [["prd_1", 2]], 60_000],
    ["is cancelled", OrderState.CANCELLED, [["prd_1", 2]], 60_000],
    ["can't be paid any more", OrderState.PENDING, [["prd_1", 2]], 0],
    ["is of another number", OrderState.PENDING, [["prd_1", 1]], 60_000],
    ["is of another product", OrderState.PENDING, [["prd_2", 2]], 60_000],
    ["has something else in it", OrderState.PENDING, [["prd_1", 2], ["prd_2", 1]], 60_000],
  ] as const)("makes a new one beside an order that %s", async (_, state, lines, leftMs) => {
    expect(await look(state, lines, leftMs)).toBeUndefined();
  });

  it("makes a new one beside an order at another price", async () => {
    expect(await look(OrderState.PENDING, [["prd_1", 2]], 60_000, 28_000n)).toBeUndefined();
  });

  it("is bought all the same when nobody can say", async () => {
    const orders = { listOrders: () => Promise.reject(new WarungError("UNAVAILABLE", "down")) } as unknown as Service;
    expect(await unpaidOrder(orders, wanted, NOW)).toBeUndefined();
  });
});
