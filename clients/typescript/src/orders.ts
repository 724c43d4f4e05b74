import { durationFromMs } from "@bufbuild/protobuf/wkt";

import { WarungError } from "./error";
import { OrderService } from "./gen/warung/order/v1/order_service_pb";
import { OrderState, type Order } from "./gen/warung/order/v1/order_pb";
import { PaymentMethod } from "./gen/warung/payment/v1/payment_pb";
import { newRequestId } from "./request-id";
import type { Warung } from "./warung";

/** How long a call waits for an order to change: a proxy between may end calls that wait for much longer. */
const LONG_POLL_MS = 20_000;
/** How long such a call may take beyond it. */
const ANSWER_MS = 10_000;

/** An order to be placed. */
export interface NewOrder {
  /** How many of each product, by its id or code. */
  readonly items: Readonly<Record<string, number>>;
  /** Whom it is for, with an API key; otherwise the signed-in user is the buyer. */
  readonly buyerTelegramId?: bigint;
  /** How it is paid: QRIS by default. */
  readonly paymentMethod?: PaymentMethod;
  /**
   * Give one of your own that you have stored before, when the program may be killed between: the same order is answered to
   * the same id.
   */
  readonly requestId?: string;
}

/** Places an order and begins its payment: `payments[0].qrPayload` of the answer is what the buyer pays. */
export async function placeOrder(warung: Warung, order: NewOrder): Promise<Order> {
  const items = Object.entries(order.items).map(([productId, quantity]) => ({ productId, quantity }));
  const placed = await warung.service(OrderService).placeOrder({
    requestId: order.requestId ?? newRequestId(),
    items,
    paymentMethod: order.paymentMethod ?? PaymentMethod.QRIS,
    buyerTelegramId: order.buyerTelegramId ?? 0n,
  });
  return present(placed.order);
}

/**
 * Waits for an order's money, and answers the order: PAID, or further. Rejects with ORDER_NOT_PAYABLE when it was cancelled or
 * has expired, and with DEADLINE_EXCEEDED when it is not paid after `timeoutMs`: 900,000 by default.
 */
export async function waitUntilPaid(
  warung: Warung,
  order: Order,
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Order> {
  const orders = warung.service(OrderService);
  const end = Date.now() + (options.timeoutMs ?? 900_000);
  let current = order;
  while (current.state === OrderState.PENDING) {
    const waitMs = Math.min(end - Date.now(), LONG_POLL_MS);
    if (waitMs <= 0) {
      throw new WarungError("DEADLINE_EXCEEDED", "the order is not paid yet");
    }
    const following = { orderId: current.orderId, knownVersion: current.version, wait: durationFromMs(waitMs) };
    const call = { timeoutMs: waitMs + ANSWER_MS, ...(options.signal && { signal: options.signal }) };
    current = present((await orders.followOrder(following, call)).order);
  }
  if (current.state === OrderState.CANCELLED || current.state === OrderState.EXPIRED) {
    throw new WarungError("ORDER_NOT_PAYABLE", `the order is ${OrderState[current.state]}`);
  }
  return current;
}

function present(order: Order | undefined): Order {
  if (order === undefined) {
    throw new WarungError("INTERNAL", "the answer has no order");
  }
  return order;
}
