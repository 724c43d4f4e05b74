import { WarungError, type Reason } from "@warung/client";
import { get, writable, type Readable } from "svelte/store";

/** A page of a list, as the core answers it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Asks for the next page; empty at the end. */
  readonly nextPageToken: string;
}

/** Where a list's items come from. */
export interface Source<Item, Filter> {
  readonly pageSize: number;
  /** Items with the same key are the same. */
  readonly keyOf: (item: Item) => string;
  readonly load: (filter: Filter, page: { pageSize: number; pageToken: string }, signal: AbortSignal) => Promise<Page<Item>>;
}

/** A list, page by page. */
export interface ListState<Item, Filter> {
  readonly filter: Filter;
  /** `loading`: the first page; `more`: another. */
  readonly phase: "loading" | "ready" | "more" | "error";
  readonly items: readonly Item[];
  /** There may be more items. */
  readonly more: boolean;
  /** Why the last call failed, in phase `error`. Items that came before are still there. */
  readonly reason: Reason | undefined;
}

/** The core answers no larger page. */
const LARGEST_PAGE = 100;

/** Loads items for a filter, page by page; a new filter ends the call of the one before. */
export class PagedList<Item, Filter> {
  readonly #source: Source<Item, Filter>;
  readonly #state;
  #pageToken = "";
  #running = new AbortController();

  constructor(source: Source<Item, Filter>, filter: Filter) {
    this.#source = source;
    this.#state = writable<ListState<Item, Filter>>({ filter, phase: "loading", items: [], more: false, reason: undefined });
  }

  /** The list. */
  get state(): Readable<ListState<Item, Filter>> {
    return this.#state;
  }

  /** Shows the items of a filter from the first page on. */
  async show(filter: Filter): Promise<void> {
    this.stop();
    this.#pageToken = "";
    this.#state.set({ filter, phase: "loading", items: [], more: false, reason: undefined });
    await this.#load();
  }

  /** Lets a call go that is on its way. */
  stop(): void {
    this.#running.abort();
    this.#running = new AbortController();
  }

  /** Loads the next page, if there is one and none is on its way. */
  async more(): Promise<void> {
    const { phase, more } = get(this.#state);
    if (phase === "ready" && more) {
      this.#state.update((state) => ({ ...state, phase: "more" }));
      await this.#load();
    }
  }

  /** Tries again what failed. */
  async retry(): Promise<void> {
    const { phase, items, filter } = get(this.#state);
    if (phase !== "error") {
      return;
    }
    if (items.length === 0) {
      await this.show(filter);
      return;
    }
    this.#state.update((state) => ({ ...state, phase: "more", reason: undefined }));
    await this.#load();
  }

  /** Brings what is shown up to date, in place. Nothing is said of a failure: what is shown stays. */
  async refresh(): Promise<void> {
    const { phase, items, filter } = get(this.#state);
    if (phase !== "ready" || items.length === 0) {
      return;
    }
    const { signal } = this.#running;
    const pageSize = Math.min(Math.max(items.length, this.#source.pageSize), LARGEST_PAGE);
    try {
      const page = await this.#source.load(filter, { pageSize, pageToken: "" }, signal);
      const fresh = new Map(page.items.map((item) => [this.#source.keyOf(item), item]));
      if (!signal.aborted) {
        this.#state.update((state) => ({ ...state, items: state.items.map((item) => fresh.get(this.#source.keyOf(item)) ?? item) }));
      }
    } catch (thrown) {
      if (!(thrown instanceof WarungError)) {
        throw thrown;
      }
    }
  }

  async #load(): Promise<void> {
    const { signal } = this.#running;
    const { filter } = get(this.#state);
    const { pageSize, keyOf, load } = this.#source;
    try {
      const page = await load(filter, { pageSize, pageToken: this.#pageToken }, signal);
      if (signal.aborted) {
        return;
      }
      this.#pageToken = page.nextPageToken;
      this.#state.update((state) => {
        // An item that moved between two pages comes twice; lists are keyed.
        const seen = new Set(state.items.map(keyOf));
        const items = [...state.items, ...page.items.filter((item) => !seen.has(keyOf(item)))];
        return { ...state, phase: "ready", items, more: page.nextPageToken !== "", reason: undefined };
      });
    } catch (thrown) {
      if (!(thrown instanceof WarungError)) {
        throw thrown;
      }
      if (signal.aborted) {
        return;
      }
      // A token that the core does not take any more: begin anew rather than tell the user of it.
      if (thrown.reason === "PAGE_TOKEN_INVALID" && this.#pageToken !== "") {
        await this.show(filter);
        return;
      }
      this.#state.update((state) => ({ ...state, phase: "error", reason: thrown.reason }));
    }
  }
}
