import { WarungError, type Client } from "@warung/client";
import type { Product } from "@warung/client/gen/warung/catalog/v1/catalog_pb";
import { OrderState, type Order } from "@warung/client/gen/warung/order/v1/order_pb";
import type { OrderService } from "@warung/client/gen/warung/order/v1/order_service_pb";
import type { PaymentMethod } from "@warung/client/gen/warung/payment/v1/payment_pb";

import { rupiah } from "../money";
import { payableUntil } from "../order/view";
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

/** The newest orders are enough to look through: a buyer has only a few that are not paid. */
const LOOKED_THROUGH = 20;

/**
 * The order of the very same that is not paid yet and still can be, if there is one: its bill is shown again instead of made
 * twice. `now`: milliseconds by the server's clock.
 */
export async function unpaidOrder(
  orders: Pick<Client<typeof OrderService>, "listOrders">,
  { product, quantity }: Pick<Purchase, "product" | "quantity">,
  now: number,
): Promise<Order | undefined> {
  try {
    const { orders: newest } = await orders.listOrders({ pageSize: LOOKED_THROUGH });
    return newest.find((order) => {
      const [line, ...others] = order.lines;
      const isSame = line?.productId === product.productId && line.quantity === quantity && others.length === 0;
      const costsTheSame = order.price?.subtotal?.minorUnits === subtotalOf({ product, quantity });
      return isSame && costsTheSame && order.state === OrderState.PENDING && (payableUntil(order) ?? 0) > now;
    });
  } catch (thrown) {
    if (!(thrown instanceof WarungError)) {
      throw thrown;
    }
    // Buying does not depend on it.
    return undefined;
  }
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
  const answer = await submission.send(wanted, (request) => orders.placeOrder(request, { timeoutMs: GATEWAY_MS }));
  return answer?.order;
}
