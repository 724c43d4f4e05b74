/** Fewer letters than this search nothing. */
const LETTERS_MIN = 2;
/** The core takes no longer query, in characters. */
export const QUERY_MAX = 100;
/** How long typing must rest before it is searched, in milliseconds. */
const REST_MS = 250;

/** The query that a text stands for: empty while it has fewer than two letters. */
export function queryOf(text: string): string {
  const query = text.trim().replace(/\s+/g, " ").slice(0, QUERY_MAX);
  const letters = query.match(/[\p{L}\p{N}]/gu) ?? [];
  return letters.length < LETTERS_MIN ? "" : query;
}

/** Searches as the user types: not at each letter but when typing rests, and never the same twice in a row. */
export class SearchInput {
  readonly #search: (query: string) => void;
  #searched = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(search: (query: string) => void) {
    this.#search = search;
  }

  /** The text has changed. */
  type(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.submit(text), REST_MS);
  }

  /** The field was emptied, and something else shows all again. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#searched = "";
  }

  /** Search now: the user pressed Enter, or cleared the field. */
  submit(text: string): void {
    clearTimeout(this.#timer);
    const query = queryOf(text);
    if (query !== this.#searched) {
      this.#searched = query;
      this.#search(query);
    }
  }
}
