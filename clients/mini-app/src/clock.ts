/**
 * The server's clock, read off the `Date` header of its answers: a phone's own may be wrong by hours, and an invoice ends by
 * the server's.
 */
export class ServerClock {
  readonly #now: () => number;
  #offsetMs = 0;
  /** How long the answer took that the offset is from: the shorter, the better it is known. */
  #trust = Number.POSITIVE_INFINITY;

  /** `now`: the phone's clock, in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds since 1970, by the server's clock; by the phone's until it has answered. */
  now(): number {
    return this.#now() + this.#offsetMs;
  }

  /** The same `fetch`, whose answers set the clock. */
  watch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const sent = this.#now();
      const response = await fetch(input, init);
      this.#read(response.headers.get("date"), sent, this.#now());
      return response;
    };
  }

  #read(date: string | null, sent: number, received: number): void {
    const took = received - sent;
    const told = Date.parse(date ?? "");
    // An answer that was waited for says when it began or when it ended: too vague beside a quick one.
    if (Number.isNaN(told) || took < 0 || took >= this.#trust) {
      return;
    }
    this.#trust = took;
    // The header has whole seconds: on average half of one has passed.
    this.#offsetMs = told + 500 - (sent + took / 2);
  }
}
