import { newRequestId, WarungError, type Reason } from "@warung/client";
import { get, writable, type Readable } from "svelte/store";

/** Where a change that the user asked for stands. */
export type SubmissionState =
  | { readonly kind: "idle" }
  | { readonly kind: "busy" }
  /** `until`: not before this time, in milliseconds by the phone's clock; absent where it may be tried at once. */
  | { readonly kind: "refused"; readonly reason: Reason; readonly until: number | undefined };

/** How long a call that a gateway takes part in may take, in milliseconds: the core asks it more than once. */
export const GATEWAY_MS = 45_000;
/** How long to wait after RATE_LIMITED without a time. */
const LIMITED_MS = 10_000;
/** What is answered, or concluded from no answer, when nobody knows what became of the change. */
const UNSURE: readonly Reason[] = ["GATEWAY_UNAVAILABLE", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "CONFLICT"];

/** Whether a change that was refused so may be made all the same: what is asked for must stay as it is, or there would be two. */
export function mayBeDone(reason: Reason): boolean {
  return UNSURE.includes(reason);
}

/**
 * Sends one change to the core. The request id is kept until it is done or another thing is wanted: however often the user
 * presses, and whatever answer was lost, it is done once.
 */
export class Submission {
  readonly #state = writable<SubmissionState>({ kind: "idle" });
  readonly #newId: () => string;
  readonly #now: () => number;
  #content = "";
  #requestId = "";

  constructor(newId: () => string = newRequestId, now: () => number = Date.now) {
    this.#newId = newId;
    this.#now = now;
  }

  /** Where it stands. */
  get state(): Readable<SubmissionState> {
    return this.#state;
  }

  /**
   * Sends what the user wants, under its request id; answers nothing when it was refused, or when a call is on its way. What is
   * wanted is all that `call` gets to send: the core refuses an id that comes with anything else.
   */
  async send<Wanted extends object, Answer>(
    wanted: Wanted,
    call: (request: Wanted & { readonly requestId: string }) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    if (get(this.#state).kind === "busy") {
      return undefined;
    }
    const text = JSON.stringify(wanted, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    if (text !== this.#content) {
      this.#content = text;
      this.#requestId = this.#newId();
    }
    this.#state.set({ kind: "busy" });
    try {
      const answer = await call({ ...wanted, requestId: this.#requestId });
      this.#content = "";
      this.#state.set({ kind: "idle" });
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof WarungError)) {
        this.#state.set({ kind: "idle" });
        throw thrown;
      }
      const { reason, retryAfterMs } = thrown;
      if (reason === "REQUEST_ID_REUSED") {
        // Another content was carried out under the id, and this one never was.
        this.#content = "";
      }
      const until = reason === "RATE_LIMITED" ? this.#now() + (retryAfterMs ?? LIMITED_MS) : undefined;
      this.#state.set({ kind: "refused", reason, until });
      return undefined;
    }
  }

  /** Takes the refusal off the page. The request id stays for another try of the same. */
  clear(): void {
    if (get(this.#state).kind === "refused") {
      this.#state.set({ kind: "idle" });
    }
  }
}
