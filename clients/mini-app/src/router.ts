/** A page of the app. */
export type Route =
  | { readonly page: "films" | "shop" | "vip" | "orders" | "wallet" }
  | { readonly page: "title"; readonly titleId: string }
  | { readonly page: "product"; readonly productId: string }
  | { readonly page: "order"; readonly orderId: string };

/** The pages of the bar at the bottom, in its order. */
export const TABS = ["films", "shop", "vip", "orders", "wallet"] as const;
/** A page of the bar at the bottom. */
export type Tab = (typeof TABS)[number];

/** The page is one of the bar at the bottom. */
export function isTab(page: Route["page"]): page is Tab {
  return (TABS as readonly string[]).includes(page);
}

/** Reads `#/…`; what it does not know is the films. */
export function parseRoute(hash: string): Route {
  const [first = "", second, ...rest] = hash
    .replace(/^#?\/?/, "")
    .replace(/[?&].*$/s, "")
    .split("/");
  if (second === undefined) {
    return { page: first !== "films" && isTab(first as Tab) ? (first as Tab) : "films" };
  }
  if (rest.length === 0 && isName(second)) {
    switch (first) {
      case "titles":
        return { page: "title", titleId: second };
      case "products":
        return { page: "product", productId: second };
      case "orders":
        return { page: "order", orderId: second };
    }
  }
  return { page: "films" };
}

/** The address of a page within the app. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case "films":
      return "#/";
    case "title":
      return `#/titles/${route.titleId}`;
    case "product":
      return `#/products/${route.productId}`;
    case "order":
      return `#/orders/${route.orderId}`;
    default:
      return `#/${route.page}`;
  }
}

/** The page that a direct link asks for: `t_{title_id}`, `i_{product_id}` or `vip`. */
export function routeOfStartParam(startParam: string): Route | undefined {
  const [, kind, name = ""] = /^([ti])_(.+)$/.exec(startParam) ?? [];
  if (kind !== undefined && isName(name)) {
    return kind === "t" ? { page: "title", titleId: name } : { page: "product", productId: name };
  }
  return startParam === "vip" ? { page: "vip" } : undefined;
}

/** An id (`ttl_…`, `prd_…`, `ord_…`) or a code (`a-z 0-9 -`). */
function isName(text: string): boolean {
  return /^[a-z0-9_-]{1,64}$/.test(text);
}
