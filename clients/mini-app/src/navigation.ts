import { writable, type Readable } from "svelte/store";

import { hrefOf, parseRoute, type Route, type Tab } from "./router";

/** Which page is shown, kept in the address (`#/…`) and in the browser's history. */
export class Navigation {
  readonly #window: Window;
  readonly #route;
  /** What "back" closes before it leaves the page, the topmost last. */
  readonly #covers: (() => void)[] = [];
  /** How many pages of the app lie behind this one. */
  #depth = 0;

  constructor(window: Window, first: Route) {
    this.#window = window;
    this.#route = writable(first);
    // Launch parameters leave the address here: they hold the init data, which is a secret of the user.
    window.history.replaceState({ depth: 0 }, "", hrefOf(first));
    window.addEventListener("hashchange", () => this.#changed());
  }

  /** The page that is shown. */
  get route(): Readable<Route> {
    return this.#route;
  }

  /** Goes to a page. */
  go(route: Route): void {
    this.#window.location.hash = hrefOf(route);
  }

  /** Goes to a page in place of this one: "back" does not come here again. */
  replace(route: Route): void {
    this.#window.history.replaceState({ depth: this.#depth }, "", hrefOf(route));
    this.#route.set(route);
  }

  /** Goes to a page of the bar at the bottom. From all of them but the films, "back" leads to the films. */
  switchTo(tab: Tab, from: Route): void {
    if (from.page === tab) {
      return;
    }
    if (from.page === "films") {
      this.go({ page: tab });
    } else if (tab === "films" && this.#depth === 1) {
      this.#window.history.back();
    } else {
      this.replace({ page: tab });
    }
  }

  /** Goes back to the page before, or to the films where the app was opened at another page. What lies over the page goes first. */
  back(): void {
    const cover = this.#covers[this.#covers.length - 1];
    if (cover !== undefined) {
      cover();
    } else if (this.#depth > 0) {
      this.#window.history.back();
    } else {
      this.replace({ page: "films" });
    }
  }

  /** Something lies over the page, which "back" closes. The answer takes it off. */
  cover(close: () => void): () => void {
    this.#covers.push(close);
    return () => {
      const at = this.#covers.indexOf(close);
      if (at >= 0) {
        this.#covers.splice(at, 1);
      }
    };
  }

  #changed(): void {
    const state: unknown = this.#window.history.state;
    const depth = typeof state === "object" && state !== null && "depth" in state ? Number(state.depth) : undefined;
    if (depth === undefined) {
      this.#depth += 1;
      this.#window.history.replaceState({ depth: this.#depth }, "");
    } else {
      this.#depth = depth;
    }
    this.#route.set(parseRoute(this.#window.location.hash));
  }
}
