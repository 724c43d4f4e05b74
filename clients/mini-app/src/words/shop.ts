import type { Reason } from "@warung/client";

import { fill, wordsOfError, type Language, type Words } from "./index";
import { shopEn } from "./shop-en";
import { shopId } from "./shop-id";

/** All words of the shop in a language. */
export type ShopWords = { readonly [Key in keyof typeof shopId]: string };

const all: Record<Language, ShopWords> = { id: shopId, en: shopEn };

/** The shop's words of a language. */
export function shopWordsOf(language: Language): ShopWords {
  return all[language];
}

/** What a refusal leads to, besides trying again. */
export type RefusalStep = "orders" | "wallet" | "close_app";

/** A refusal in words: what is wrong, and what to do. */
export interface Refusal {
  readonly title: string;
  readonly hint: string;
  /** A page that helps. */
  readonly step?: RefusalStep;
}

/** What is known beside the reason. */
export interface RefusalDetails {
  /** After PRICE_CHANGED: the price now, written out. */
  readonly price?: string;
  /** After OUT_OF_STOCK: how many are left. */
  readonly left?: number;
  /** After RATE_LIMITED: when to try again, in whole seconds. */
  readonly seconds?: number;
  /** The order is there already: its page offers another way to pay. */
  readonly ordered?: boolean;
}

/** What to say of a call of the shop that was refused. */
export function refusalOf(words: Words, shop: ShopWords, reason: Reason, details: RefusalDetails = {}): Refusal {
  switch (reason) {
    case "PRICE_CHANGED":
      return { title: shop.newPrice, hint: fill(shop.newPriceHint, { price: details.price ?? "…" }) };
    case "OUT_OF_STOCK":
      return { title: shop.outOfStock, hint: details.left ? fill(shop.outOfStockHint, { count: details.left }) : shop.outOfStockNone };
    case "TOO_MANY_UNPAID_ORDERS":
      return { title: shop.tooManyOrders, hint: shop.tooManyOrdersHint, step: "orders" };
    case "AMOUNT_BELOW_MINIMUM":
      return { title: shop.belowMinimum, hint: shop.belowMinimumHint };
    case "GATEWAY_UNAVAILABLE":
      return details.ordered
        ? { title: shop.gatewayDown, hint: shop.gatewayDownChoose }
        : { title: shop.orderKept, hint: shop.orderKeptHint, step: "orders" };
    case "PAYMENT_METHOD_UNAVAILABLE":
      return { title: shop.methodGone, hint: shop.methodGoneHint };
    case "NO_WAY_TO_PAY":
      return { title: shop.noWayToPay, hint: shop.noWayToPayHint };
    case "BALANCE_TOO_LOW":
      return { title: shop.balanceLow, hint: shop.balanceLowHint, step: "wallet" };
    case "TOO_MANY_PAYMENTS":
      return { title: shop.tooManyPayments, hint: shop.tooManyPaymentsHint };
    case "INVOICE_UNUSABLE":
      return { title: shop.invoiceUnusable, hint: shop.invoiceUnusableHint };
    case "ORDER_NOT_PAYABLE":
      return { title: shop.notPayable, hint: shop.notPayableHint };
    case "ORDER_NOT_CANCELLABLE":
      return { title: shop.notCancellable, hint: shop.notCancellableHint };
    case "PAYMENT_NOT_OPEN":
      return { title: shop.paymentClosed, hint: shop.paymentClosedHint };
    case "NOTHING_TO_SEND":
      return { title: shop.nothingToSend, hint: shop.nothingToSendHint };
    case "CONFLICT":
    case "REQUEST_ID_REUSED":
      return { title: shop.changedMeanwhile, hint: shop.changedMeanwhileHint };
    case "FORBIDDEN":
      return { title: shop.forbidden, hint: shop.forbiddenHint, step: "close_app" };
    case "RATE_LIMITED":
      return { title: words.limitedTitle, hint: details.seconds ? fill(shop.limitedHint, { seconds: details.seconds }) : words.errorBusyHint };
    case "NOT_FOUND":
      return { title: shop.productMissing, hint: shop.productMissingHint };
    default: {
      const { title, hint } = wordsOfError(words, reason);
      return title === words.sessionTitle ? { title, hint, step: "close_app" } : { title, hint };
    }
  }
}
