import { describe, expect, it } from "vitest";

import { hrefOf, parseRoute, routeOfStartParam, TABS, type Route } from "../src/router";
import { parseLaunch, readLaunch } from "../src/telegram/launch";
import { isDark } from "../src/telegram/theme";

const INIT_DATA =
  "query_id=AA&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22V%20%2B%20%3F%22%2C%22language_code%22%3A%22en%22%7D&auth_date=1662771648&hash=c501";
const PARAMETERS = `tgWebAppData=${encodeURIComponent(INIT_DATA)}&tgWebAppVersion=6.1&tgWebAppPlatform=android&tgWebAppThemeParams=${encodeURIComponent('{"bg_color":"#17212b","x":"url(evil)"}')}`;

class MemoryStorage {
  readonly #items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}

describe("a launch", () => {
  it.each([
    ["https://shop.test/app/#", ""],
    ["https://shop.test/app/#/titles/ttl_1?", "/titles/ttl_1"],
    ["https://shop.test/app/#/titles/ttl_1&", "/titles/ttl_1"],
    ["https://shop.test/app/?v=2#/vip?", "/vip"],
  ])("%s is read with its raw init data and its path", (address, path) => {
    expect(parseLaunch(address + PARAMETERS)).toMatchObject({
      initData: INIT_DATA,
      version: "6.1",
      platform: "android",
      theme: { bg_color: "#17212b" },
      userId: "279058397",
      languageCode: "en",
      path,
      startParam: "",
    });
  });

  it("takes the start parameter from init data or from the address", () => {
    const signed = encodeURIComponent("start_param=t_ttl_1&hash=1");
    expect(parseLaunch(`https://a.test/#tgWebAppData=${signed}&tgWebAppVersion=8.0`)?.startParam).toBe("t_ttl_1");
    expect(parseLaunch("https://a.test/?tgWebAppStartParam=t_ttl_2#tgWebAppVersion=8.0")?.startParam).toBe("t_ttl_2");
  });

  it("is none outside Telegram, and no fault of the address breaks it", () => {
    expect(parseLaunch("https://shop.test/app/")).toBeUndefined();
    expect(parseLaunch("https://shop.test/app/#/vip")).toBeUndefined();
    expect(parseLaunch("https://shop.test/#tgWebAppVersion=8.0&tgWebAppThemeParams=%7B&tgWebAppData=user%3D%5B")).toMatchObject({
      theme: {},
      userId: "",
    });
  });

  it("is remembered for a reload, which stays where the user was", () => {
    const storage = new MemoryStorage() as unknown as Storage;
    const at = (href: string): Location => ({ href }) as Location;
    expect(readLaunch(at("https://a.test/#/vip"), storage)).toBeUndefined();
    readLaunch(at(`https://a.test/#/titles/ttl_1?${PARAMETERS}`), storage);
    expect(readLaunch(at("https://a.test/#/vip"), storage)).toMatchObject({ initData: INIT_DATA, path: "" });
  });
});

describe("routes", () => {
  it.each<[string, Route]>([
    ["", { page: "films" }],
    ["#/", { page: "films" }],
    ["#/vip", { page: "vip" }],
    ["#/shop", { page: "shop" }],
    ["#/orders", { page: "orders" }],
    ["#/wallet", { page: "wallet" }],
    ["#/orders/ord_01j", { page: "order", orderId: "ord_01j" }],
    ["#/orders/tg279058397-k3x9m2qa", { page: "order", orderId: "tg279058397-k3x9m2qa" }],
    ["#/products/prd_01j", { page: "product", productId: "prd_01j" }],
    ["#/products/", { page: "films" }],
    ["#/orders/../x", { page: "films" }],
    ["#/titles/ttl_01j", { page: "title", titleId: "ttl_01j" }],
    ["#/titles/senja-di-pelabuhan", { page: "title", titleId: "senja-di-pelabuhan" }],
    ["/titles/ttl_01j", { page: "title", titleId: "ttl_01j" }],
    ["#/titles/", { page: "films" }],
    ["#/titles/../x", { page: "films" }],
    ["#/titles/<script>", { page: "films" }],
    ["#/vip/x", { page: "films" }],
    ["#/nowhere", { page: "films" }],
  ])("%j", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it("are read as they are written", () => {
    const routes: Route[] = [
      ...TABS.map((page) => ({ page })),
      { page: "title", titleId: "ttl_1" },
      { page: "product", productId: "prd_1" },
      { page: "order", orderId: "ord_1" },
    ];
    for (const route of routes) {
      expect(parseRoute(hrefOf(route))).toEqual(route);
    }
  });

  it("a direct link opens a title, a product or the plans", () => {
    expect(routeOfStartParam("i_netflix-1")).toEqual({ page: "product", productId: "netflix-1" });
    expect(routeOfStartParam("vip")).toEqual({ page: "vip" });
    expect(routeOfStartParam("i_<x>")).toBeUndefined();
    expect(routeOfStartParam("t_ttl_01j")).toEqual({ page: "title", titleId: "ttl_01j" });
    expect(routeOfStartParam("r_abc")).toBeUndefined();
    expect(routeOfStartParam("t_<x>")).toBeUndefined();
    expect(routeOfStartParam("")).toBeUndefined();
  });
});

describe("themes", () => {
  it("are dark or light by their background", () => {
    expect(isDark("#17212b")).toBe(true);
    expect(isDark("#000")).toBe(true);
    expect(isDark("#ffffff")).toBe(false);
    expect(isDark("#fff")).toBe(false);
  });
});
