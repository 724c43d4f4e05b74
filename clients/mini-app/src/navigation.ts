import { writable, type Readable } from "svelte/store";

import { hrefOf, parseRoute, type Route } from "./router";

/** Which page is shown, kept in the address (`#/…`) and in the browser's history. */
export class Navigation {
  readonly #window: Window;
  readonly #route;
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

  /** Goes back to the page before, or to the films where the app was opened at another page. */
  back(): void {
    if (this.#depth > 0) {
      this.#window.history.back();
    } else {
      this.#window.history.replaceState({ depth: 0 }, "", hrefOf({ page: "films" }));
      this.#route.set({ page: "films" });
    }
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
