import type { Route } from "./router";

/** The pages that are loaded when they are first opened: the first load is that of the films. */
export const lazyPages = {
  shop: () => import("./pages/Shop.svelte"),
  product: () => import("./pages/Product.svelte"),
  vip: () => import("./pages/Vip.svelte"),
  orders: () => import("./pages/Orders.svelte"),
  order: () => import("./pages/Order.svelte"),
  wallet: () => import("./pages/Wallet.svelte"),
} as const;

/** Begins to load a page that is about to be opened. */
export function preload(page: Route["page"]): void {
  if (page in lazyPages) {
    // A failure is told when the page is opened.
    lazyPages[page as keyof typeof lazyPages]().catch(() => undefined);
  }
}
