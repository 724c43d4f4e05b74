import { newRequestId, TitleRequest_State, WarungError, type Reason, type TitleRequest, type Warung } from "@warung/client";
import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { get, writable, type Readable } from "svelte/store";

import { formatMoney } from "../money";
import { passes } from "./transient";

/** What the user asked for. */
export interface Wanted {
  readonly titleId: string;
  /** The number of the episode. */
  readonly episodeNumber: number;
}

/** A way to become a member. */
export interface Plan {
  readonly productId: string;
  readonly name: string;
  /** Its price, written out. */
  readonly price: string;
}

/** Where the request stands, as the page shows it. */
export type RequestState =
  | { readonly kind: "idle" }
  /** The core is asked. */
  | { readonly kind: "sending" }
  /** Telegram asks the user whether the bot may write. */
  | { readonly kind: "asking" }
  | { readonly kind: "queued" }
  | { readonly kind: "sent" }
  /** The user presses Start in Telegram; the state goes on by itself. */
  | { readonly kind: "need_start"; readonly link: string }
  | { readonly kind: "link_expired" }
  /** `plans`: cheapest first; none when the store sells none, and the link leads on. */
  | { readonly kind: "vip_required"; readonly link: string; readonly plans: readonly Plan[] }
  | { readonly kind: "failed" }
  /** Too many requests: none before this time (milliseconds of the clock). */
  | { readonly kind: "limited"; readonly until: number }
  /** Nobody is signed in: the page was not opened in Telegram, or the launch is too old. */
  | { readonly kind: "signed_out"; readonly reason: "outside" | "expired" }
  | { readonly kind: "error"; readonly reason: Reason };

/** What the request needs of the world. */
export interface Surroundings {
  readonly library: Pick<Warung["library"], "requestTitle" | "followTitleRequest">;
  /** There is a user to send films to. */
  readonly canSignIn: boolean;
  /** Asks the user to let the bot write; absent when Telegram can't, or when they have refused before. */
  readonly requestWriteAccess: (() => Promise<boolean>) | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits, or less when the user comes back to the page; ends at once when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long one call follows a request that is on its way, in milliseconds. The core allows 25,000. */
const FOLLOW_WAIT_MS = 20_000;
/** How long after that the answer may take to arrive. */
const ANSWER_MS = 10_000;
/** The pause between two looks at a request that waits for the user, and after a follow-up that failed. */
const LOOK_AGAIN_MS = 2_000;
/** Follow-ups that fail one after another before the page gives up: about two minutes. */
const FAILURES_MAX = 20;
/** How long a start link is good, at least and at most, in milliseconds. */
const LINK_SHORTEST_MS = 5 * 60_000;
const LINK_LONGEST_MS = 15 * 60_000;
/** How long the page waits after RATE_LIMITED without a time. */
const LIMITED_MS = 10_000;

/**
 * One user's request for an episode, from the press of the button to its end. It holds the state that the page shows, and
 * follows what happens elsewhere: in the core's queue, in Telegram's dialog, in the chat with the bot.
 */
export class FilmRequest {
  readonly #surroundings: Surroundings;
  readonly #state = writable<RequestState>({ kind: "idle" });
  #running = new AbortController();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Where it stands. */
  get state(): Readable<RequestState> {
    return this.#state;
  }

  /** Asks for an episode; what was followed before is let go. */
  async start(wanted: Wanted): Promise<void> {
    this.stop();
    const { signal } = this.#running;
    if (!this.#surroundings.canSignIn) {
      this.#show({ kind: "signed_out", reason: "outside" });
      return;
    }
    this.#show({ kind: "sending" });
    try {
      const request = await this.#ask(wanted, false, signal);
      const { requestWriteAccess } = this.#surroundings;
      if (request.state !== TitleRequest_State.NEED_START || requestWriteAccess === undefined) {
        await this.#follow(request, signal);
        return;
      }
      this.#set({ kind: "asking" }, signal);
      const allowed = await requestWriteAccess();
      if (!allowed || signal.aborted) {
        await this.#follow(request, signal);
        return;
      }
      this.#set({ kind: "sending" }, signal);
      await this.#follow(await this.#ask(wanted, true, signal), signal);
    } catch (thrown) {
      this.#set(this.#stateOf(thrown), signal);
    }
  }

  /** Lets the request go: it runs on at the core, and the page does not follow it any more. */
  stop(): void {
    this.#running.abort();
    this.#running = new AbortController();
    this.#show({ kind: "idle" });
  }

  async #ask(wanted: Wanted, writeAccessGranted: boolean, signal: AbortSignal): Promise<TitleRequest> {
    const { titleRequest } = await this.#surroundings.library.requestTitle(
      { requestId: newRequestId(), writeAccessGranted, ...wanted },
      { signal },
    );
    return known(titleRequest);
  }

  /** Shows the request, and looks at it again until it ends. */
  async #follow(first: TitleRequest, signal: AbortSignal): Promise<void> {
    const { now, pause } = this.#surroundings;
    const asked = now();
    let request = first;
    for (let failures = 0; !signal.aborted; ) {
      const state = this.#shown(request, asked);
      this.#set(state, signal);
      if (state.kind !== "queued" && state.kind !== "need_start") {
        return;
      }
      const started = now();
      try {
        request = await this.#look(request, signal);
        failures = 0;
      } catch (thrown) {
        failures += 1;
        if (failures >= FAILURES_MAX || !passes(thrown)) {
          throw thrown;
        }
      }
      // The core waits while the request is QUEUED. An answer that came at once means that waiting is ours to do.
      if (failures > 0 || (pending(request) && now() - started < LOOK_AGAIN_MS)) {
        await pause(LOOK_AGAIN_MS, signal);
      }
    }
  }

  async #look(request: TitleRequest, signal: AbortSignal): Promise<TitleRequest> {
    const { titleRequest } = await this.#surroundings.library.followTitleRequest(
      { titleRequestId: request.titleRequestId, wait: durationFromMs(FOLLOW_WAIT_MS) },
      { signal, timeoutMs: FOLLOW_WAIT_MS + ANSWER_MS },
    );
    return known(titleRequest);
  }

  #shown(request: TitleRequest, asked: number): RequestState {
    switch (request.state) {
      case TitleRequest_State.SENT:
        return { kind: "sent" };
      case TitleRequest_State.QUEUED:
        return { kind: "queued" };
      case TitleRequest_State.NEED_START: {
        const now = this.#surroundings.now();
        const past = request.expireTime !== undefined && timestampMs(request.expireTime) <= now;
        // A phone's clock may be wrong by hours: it is not believed before any link could have expired.
        const expired = now - asked >= LINK_LONGEST_MS || (past && now - asked >= LINK_SHORTEST_MS);
        return expired ? { kind: "link_expired" } : { kind: "need_start", link: request.link };
      }
      case TitleRequest_State.VIP_REQUIRED:
        return {
          kind: "vip_required",
          link: request.link,
          plans: request.plans.map(({ productId, name, price }) => ({ productId, name, price: formatMoney(price) })),
        };
      default:
        return { kind: "failed" };
    }
  }

  #stateOf(thrown: unknown): RequestState {
    if (!(thrown instanceof WarungError)) {
      throw thrown;
    }
    switch (thrown.reason) {
      case "RATE_LIMITED":
        return { kind: "limited", until: this.#surroundings.now() + (thrown.retryAfterMs ?? LIMITED_MS) };
      case "UNAUTHENTICATED":
      case "INIT_DATA_INVALID":
      case "INIT_DATA_EXPIRED":
      case "SESSION_INVALID":
      case "SESSION_EXPIRED":
        return { kind: "signed_out", reason: "expired" };
      default:
        return { kind: "error", reason: thrown.reason };
    }
  }

  /** Shows a state, unless the request was let go meanwhile or it is shown already: each is told, and felt, once. */
  #set(state: RequestState, signal: AbortSignal): void {
    if (!signal.aborted) {
      this.#show(state);
    }
  }

  #show(state: RequestState): void {
    if (JSON.stringify(get(this.#state)) !== JSON.stringify(state)) {
      this.#state.set(state);
    }
  }
}

function pending(request: TitleRequest): boolean {
  return request.state === TitleRequest_State.QUEUED || request.state === TitleRequest_State.NEED_START;
}

function known(request: TitleRequest | undefined): TitleRequest {
  if (request === undefined) {
    throw new WarungError("INTERNAL", "the answer has no request");
  }
  return request;
}
