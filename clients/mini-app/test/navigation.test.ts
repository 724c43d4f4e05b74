import { get } from "svelte/store";
import { describe, expect, it } from "vitest";

import { Navigation } from "../src/navigation";
import { hrefOf, type Route } from "../src/router";

/** A window with a history: as much of it as navigation uses. */
class FakeWindow {
  readonly entries: { hash: string; state: unknown }[] = [{ hash: "", state: null }];
  at = 0;
  #listener = (): void => undefined;

  readonly location = {
    of: this as FakeWindow,
    get hash(): string {
      return this.of.entries[this.of.at]?.hash ?? "";
    },
    set hash(hash: string) {
      this.of.entries.splice(this.of.at + 1);
      this.of.entries.push({ hash, state: null });
      this.of.at += 1;
      this.of.#listener();
    },
  };

  readonly history = {
    of: this as FakeWindow,
    get state(): unknown {
      return this.of.entries[this.of.at]?.state;
    },
    replaceState(state: unknown, _title: string, hash?: string): void {
      this.of.entries[this.of.at] = { hash: hash ?? this.of.location.hash, state };
    },
    back(): void {
      this.of.at -= 1;
      this.of.#listener();
    },
  };

  addEventListener(_event: string, listener: () => void): void {
    this.#listener = listener;
  }
}

function navigation(first: Route): { navigation: Navigation; shown: () => string; length: () => number } {
  const window = new FakeWindow();
  const navigation = new Navigation(window as unknown as Window, first);
  return { navigation, shown: () => hrefOf(get(navigation.route)), length: () => window.entries.length };
}

describe("navigation", () => {
  it("back leads from every tab to the films, however often one switched", () => {
    const { navigation: nav, shown, length } = navigation({ page: "films" });
    nav.switchTo("shop", { page: "films" });
    nav.switchTo("orders", { page: "shop" });
    nav.switchTo("wallet", { page: "orders" });
    expect([shown(), length()]).toEqual(["#/wallet", 2]);
    nav.back();
    expect(shown()).toBe("#/");
  });

  it("the films' tab goes back to the list that was there", () => {
    const { navigation: nav, shown, length } = navigation({ page: "films" });
    nav.switchTo("vip", { page: "films" });
    nav.switchTo("films", { page: "vip" });
    nav.switchTo("films", { page: "films" });
    expect([shown(), length()]).toEqual(["#/", 2]);
  });

  it("back of a page that the app was opened at leads to the films", () => {
    const { navigation: nav, shown } = navigation({ page: "order", orderId: "ord_1" });
    nav.back();
    expect(shown()).toBe("#/");
  });

  it("back closes what lies over a page before it leaves the page", () => {
    const { navigation: nav, shown } = navigation({ page: "films" });
    nav.go({ page: "product", productId: "prd_1" });
    const closed: string[] = [];
    const uncover = nav.cover(() => closed.push("sheet"));
    nav.back();
    expect([shown(), closed]).toEqual(["#/products/prd_1", ["sheet"]]);
    uncover();
    nav.back();
    expect([shown(), closed]).toEqual(["#/", ["sheet"]]);
  });
});
