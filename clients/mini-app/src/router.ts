/** A page of the app. */
export type Route =
  | { readonly page: "films" }
  | { readonly page: "title"; readonly titleId: string }
  | { readonly page: "vip" };

/** Reads `#/…`; what it does not know is the films. */
export function parseRoute(hash: string): Route {
  const [first, second, ...rest] = hash
    .replace(/^#?\/?/, "")
    .replace(/[?&].*$/s, "")
    .split("/");
  if (first === "vip" && second === undefined) {
    return { page: "vip" };
  }
  if (first === "titles" && second && rest.length === 0 && isTitleId(second)) {
    return { page: "title", titleId: second };
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
    case "vip":
      return "#/vip";
  }
}

/** The page that a direct link asks for: `t_{title_id}`. */
export function routeOfStartParam(startParam: string): Route | undefined {
  const titleId = /^t_(.+)$/.exec(startParam)?.[1];
  return titleId !== undefined && isTitleId(titleId) ? { page: "title", titleId } : undefined;
}

/** An id (`ttl_…`) or a code (`a-z 0-9 -`) of a title. */
function isTitleId(text: string): boolean {
  return /^[a-z0-9_-]{1,64}$/.test(text);
}
