import type { Client } from "@warung/client";
import type { Product } from "@warung/client/gen/warung/catalog/v1/catalog_pb";
import type { Order } from "@warung/client/gen/warung/order/v1/order_pb";
import type { OrderService } from "@warung/client/gen/warung/order/v1/order_service_pb";
import type { PaymentMethod } from "@warung/client/gen/warung/payment/v1/payment_pb";

import { rupiah } from "../money";
import { GATEWAY_MS, type Submission } from "./submission";

/** What the user buys, at the price that they were shown. */
export interface Purchase {
  readonly product: Pick<Product, "productId" | "price">;
  readonly quantity: number;
  readonly method: PaymentMethod;
  readonly useBalance: boolean;
}

/** What a purchase costs, without fee. */
export function subtotalOf({ product, quantity }: Pick<Purchase, "product" | "quantity">): bigint {
  return (product.price?.minorUnits ?? 0n) * BigInt(quantity);
}

/** Places the order and begins its payment. Answers nothing when it was refused. */
export async function buy(
  orders: Pick<Client<typeof OrderService>, "placeOrder">,
  submission: Submission,
  purchase: Purchase,
): Promise<Order | undefined> {
  const { product, quantity, method, useBalance } = purchase;
  const wanted = {
    items: [{ productId: product.productId, quantity }],
    paymentMethod: method,
    useBalance,
    expectedSubtotal: rupiah(subtotalOf(purchase)),
  };
  const answer = await submission.send(wanted, (requestId) => orders.placeOrder({ requestId, ...wanted }, { timeoutMs: GATEWAY_MS }));
  return answer?.order;
}
