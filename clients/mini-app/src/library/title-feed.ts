import { WarungError, type Reason, type Title, type Warung } from "@warung/client";
import { get, writable, type Readable } from "svelte/store";

/** What a list of titles shows. */
export interface Filter {
  /** Words to look for; empty: all. */
  readonly query: string;
  /** Id of a category; empty: all. */
  readonly categoryId: string;
}

/** A list of titles, page by page. */
export interface FeedState {
  readonly filter: Filter;
  /** `loading`: the first page; `more`: another. */
  readonly phase: "loading" | "ready" | "more" | "error";
  readonly titles: readonly Title[];
  /** There may be more titles. */
  readonly more: boolean;
  /** Why the last call failed, in phase `error`. Titles that came before are still there. */
  readonly reason: Reason | undefined;
}

/** How many titles a page has: a few screens of a phone. */
const PAGE_SIZE = 24;

/** Loads titles for a filter, page by page; a new filter ends the call of the one before. */
export class TitleFeed {
  readonly #library: Pick<Warung["library"], "listTitles">;
  readonly #state = writable<FeedState>({
    filter: { query: "", categoryId: "" },
    phase: "loading",
    titles: [],
    more: false,
    reason: undefined,
  });
  #pageToken = "";
  #running = new AbortController();

  constructor(library: Pick<Warung["library"], "listTitles">) {
    this.#library = library;
  }

  /** The list. */
  get state(): Readable<FeedState> {
    return this.#state;
  }

  /** Shows the titles of a filter from the first page on. */
  async show(filter: Filter): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    this.#pageToken = "";
    this.#state.set({ filter, phase: "loading", titles: [], more: false, reason: undefined });
    await this.#load();
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
    const { phase, titles, filter } = get(this.#state);
    if (phase !== "error") {
      return;
    }
    if (titles.length === 0) {
      await this.show(filter);
      return;
    }
    this.#state.update((state) => ({ ...state, phase: "more", reason: undefined }));
    await this.#load();
  }

  async #load(): Promise<void> {
    const { signal } = this.#running;
    const { filter } = get(this.#state);
    try {
      const page = await this.#library.listTitles(
        { ...filter, pageSize: PAGE_SIZE, pageToken: this.#pageToken },
        { signal },
      );
      if (signal.aborted) {
        return;
      }
      this.#pageToken = page.nextPageToken;
      this.#state.update((state) => {
        // A title that moved between two pages comes twice; lists are keyed by id.
        const seen = new Set(state.titles.map((title) => title.titleId));
        const titles = [...state.titles, ...page.titles.filter((title) => !seen.has(title.titleId))];
        return { ...state, phase: "ready", titles, more: page.nextPageToken !== "", reason: undefined };
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
