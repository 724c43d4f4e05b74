import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ProductKind } from "@warung/client/gen/warung/catalog/v1/catalog_pb";
import { HoldReason, OrderState, type Order } from "@warung/client/gen/warung/order/v1/order_pb";
import { PaymentMethod, PaymentState, type Payment } from "@warung/client/gen/warung/payment/v1/payment_pb";

import type { IconName } from "../components/Icon.svelte";
import { formatMoney, rupiah } from "../money";
import { fill } from "../words";
import type { ShopWords } from "../words/shop";

/** What the page of an order is about. */
export type Phase =
  /** There is an open invoice. */
  | "pay"
  /** The gateway is being asked for an invoice. */
  | "preparing"
  /** A way to pay is to be chosen. */
  | "choose"
  /** The time to pay is over, and the core has not said so yet. */
  | "ended"
  | "paid"
  | "manual"
  | "unreachable"
  | "undeliverable"
  | "completed"
  | "vip"
  | "topped_up"
  | "cancelled"
  | "expired"
  | "refunded";

/** An order as its page shows it. */
export interface OrderView {
  readonly phase: Phase;
  readonly tone: "good" | "waiting" | "attention";
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
}

/** What the page of an order is about at a time (milliseconds by the server's clock). */
export function phaseOf(order: Order, now: number): Phase {
  switch (order.state) {
    case OrderState.PENDING:
      return pendingPhase(order, now);
    case OrderState.PAID:
      return paidPhase(order.holdReason);
    case OrderState.COMPLETED:
      return hasOnly(order, ProductKind.TOP_UP) ? "topped_up" : hasOnly(order, ProductKind.MEMBERSHIP) ? "vip" : "completed";
    case OrderState.CANCELLED:
      return "cancelled";
    case OrderState.REFUNDED:
      return "refunded";
    default:
      return "expired";
  }
}

/** An order in words. */
export function orderView(order: Order, words: ShopWords, now: number): OrderView {
  const phase = phaseOf(order, now);
  switch (phase) {
    case "pay":
      return { phase, tone: "waiting", icon: "clock", title: words.payTitle, hint: "" };
    case "preparing":
      return { phase, tone: "waiting", icon: "clock", title: words.preparingTitle, hint: words.preparingHint };
    case "choose":
      return {
        phase,
        tone: "waiting",
        icon: "wallet",
        title: words.chooseTitle,
        hint: hasStock(order) ? words.chooseHintStock : words.chooseHint,
      };
    case "ended":
      return { phase, tone: "attention", icon: "clock", title: words.endedTitle, hint: words.endedHint };
    case "paid":
      return { phase, tone: "good", icon: "check", title: words.paidTitle, hint: words.paidHint };
    case "manual":
      return { phase, tone: "good", icon: "check", title: words.manualTitle, hint: words.manualHint };
    case "unreachable":
      return { phase, tone: "attention", icon: "send", title: words.unreachableTitle, hint: words.unreachableHint };
    case "undeliverable":
      return { phase, tone: "attention", icon: "alert", title: words.undeliverableTitle, hint: words.undeliverableHint };
    case "completed":
      return { phase, tone: "good", icon: "check", title: words.doneTitle, hint: words.doneHint };
    case "vip":
      return { phase, tone: "good", icon: "star", title: words.vipDoneTitle, hint: words.vipDoneHint };
    case "topped_up": {
      const amount = formatMoney(order.price?.subtotal);
      return { phase, tone: "good", icon: "wallet", title: words.topUpDoneTitle, hint: fill(words.topUpDoneHint, { amount }) };
    }
    case "cancelled":
      return {
        phase,
        tone: "attention",
        icon: "close",
        title: words.cancelledTitle,
        hint: usedBalance(order) ? words.cancelledHintBalance : words.cancelledHint,
      };
    case "expired":
      return { phase, tone: "attention", icon: "clock", title: words.expiredTitle, hint: words.expiredHint };
    case "refunded": {
      const amount = formatMoney(order.refunded);
      const hint = order.lines.some(({ kind }) => kind === ProductKind.MEMBERSHIP) ? words.refundedVipHint : words.refundedHint;
      return { phase, tone: "attention", icon: "wallet", title: words.refundedTitle, hint: fill(hint, { amount }) };
    }
  }
}

/** What an order's state is called, and the colour of its badge. */
export function badgeOf(state: OrderState, words: ShopWords): { readonly text: string; readonly tone: "good" | "waiting" | "over" } {
  switch (state) {
    case OrderState.PENDING:
      return { text: words.statePending, tone: "waiting" };
    case OrderState.PAID:
      return { text: words.statePaid, tone: "good" };
    case OrderState.COMPLETED:
      return { text: words.stateCompleted, tone: "good" };
    case OrderState.CANCELLED:
      return { text: words.stateCancelled, tone: "over" };
    case OrderState.REFUNDED:
      return { text: words.stateRefunded, tone: "over" };
    default:
      return { text: words.stateExpired, tone: "over" };
  }
}

/** What a line is called. A top-up is no product that somebody named: it is called so in the reader's language. */
export function lineName({ kind, productName }: Pick<Order["lines"][number], "kind" | "productName">, words: ShopWords): string {
  return kind === ProductKind.TOP_UP || productName === "" ? words.topUpLine : productName;
}

/** What an order is called in a list: its first line, and how many more there are. */
export function nameOf({ lines }: Order, words: ShopWords): string {
  const [first] = lines;
  const name = first === undefined ? words.topUpLine : lineName(first, words);
  return lines.length > 1 ? fill(words.andMore, { name, count: lines.length - 1 }) : name;
}

/** The payment that is open or about to be. */
export function currentPayment({ payments }: Order): Payment | undefined {
  return payments.find(({ state }) => state === PaymentState.OPEN) ?? payments.find(({ state }) => state === PaymentState.CREATING);
}

/** What is still to be paid, without fee. */
export function dueOf({ price, paid }: Order): bigint {
  const due = (price?.subtotal?.minorUnits ?? 0n) - (price?.discount?.minorUnits ?? 0n) - (paid?.minorUnits ?? 0n);
  return due > 0n ? due : 0n;
}

/** Until when an order can be paid; none where it does not say. */
export function payableUntil(order: Order): number | undefined {
  const time = currentPayment(order)?.expireTime ?? order.expireTime;
  return time && timestampMs(time);
}

/** All lines are of this kind. */
export function hasOnly({ lines }: Order, kind: ProductKind): boolean {
  return lines.length > 0 && lines.every((line) => line.kind === kind);
}

/** There are goods that were, or will be, sent to the chat. */
export function hasGoods({ lines }: Order): boolean {
  return lines.some(({ kind }) => kind !== ProductKind.MEMBERSHIP && kind !== ProductKind.TOP_UP);
}

/** Units are kept for it until it is paid. */
function hasStock({ lines }: Order): boolean {
  return lines.some(({ kind }) => kind === ProductKind.STOCK);
}

/** The balance has paid for it, or had. */
function usedBalance({ payments }: Order): boolean {
  const counts = [PaymentState.PAID, PaymentState.RETURNED];
  return payments.some(({ method, state }) => method === PaymentMethod.BALANCE && counts.includes(state));
}

/** What a buyer is asked before their order is cancelled: what becomes of it. */
export function cancelHint(order: Order, words: ShopWords): string {
  return usedBalance(order) ? `${words.cancelHint} ${words.cancelHintBalance}` : words.cancelHint;
}

/** A row of the bill. */
export interface PriceRow {
  readonly label: string;
  readonly amount: string;
  readonly strong: boolean;
}

/** The bill: what it costs, what was paid already, and what the open invoice asks for. */
export function billOf(order: Order, words: ShopWords): readonly PriceRow[] {
  const { price, paid, refunded } = order;
  const payment = currentPayment(order);
  const units = (amount: { minorUnits: bigint } | undefined): bigint => amount?.minorUnits ?? 0n;
  const rows: PriceRow[] = [];
  const row = (label: string, amount: bigint, strong = false): void => {
    rows.push({ label, amount: formatMoney(rupiah(amount)), strong });
  };
  const fee = payment === undefined ? units(price?.fee) : units(payment.fee);
  row(words.subtotal, units(price?.subtotal));
  if (units(price?.discount) > 0n) {
    row(words.discount, -units(price?.discount));
  }
  const pending = order.state === OrderState.PENDING;
  if (pending && units(paid) > 0n) {
    const byBalance = order.payments.every(({ method, state }) => state !== PaymentState.PAID || method === PaymentMethod.BALANCE);
    row(byBalance ? words.fromBalance : words.alreadyPaid, -units(paid));
  }
  if (fee > 0n) {
    row(words.fee, fee);
  }
  row(words.total, pending ? (payment === undefined ? dueOf(order) : units(payment.total)) : units(price?.total), true);
  if (units(refunded) > 0n) {
    row(words.refunded, units(refunded));
  }
  return rows;
}

function pendingPhase(order: Order, now: number): Phase {
  const until = payableUntil(order);
  if (until !== undefined && until <= now) {
    return "ended";
  }
  switch (currentPayment(order)?.state) {
    case PaymentState.OPEN:
      return "pay";
    case PaymentState.CREATING:
      return "preparing";
    default:
      return "choose";
  }
}

function paidPhase(hold: HoldReason): Phase {
  switch (hold) {
    case HoldReason.MANUAL:
      return "manual";
    case HoldReason.BUYER_UNREACHABLE:
      return "unreachable";
    case HoldReason.UNDELIVERABLE:
      return "undeliverable";
    default:
      return "paid";
  }
}
