import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { WarungError, type Client, type Reason } from "@warung/client";
import { OrderState, type Order } from "@warung/client/gen/warung/order/v1/order_pb";
import type { OrderService } from "@warung/client/gen/warung/order/v1/order_service_pb";
import { get, writable, type Readable } from "svelte/store";

import { passes } from "../request/transient";

/** What is known of an order. */
export interface Followed {
  /** None until the first answer. */
  readonly order: Order | undefined;
  /** Why nothing more will be known; the user may try again. */
  readonly reason: Reason | undefined;
  /** The last questions got no answer: what is shown may be old. */
  readonly offline: boolean;
}

/** What following needs of the world. */
export interface Surroundings {
  readonly orders: Pick<Client<typeof OrderService>, "followOrder">;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: () => number;
  /** Waits, or less when the user or the connection comes back; ends at once when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Waits until the page is seen. */
  readonly visible: (signal: AbortSignal) => Promise<void>;
}

/** How long one call waits for a change, in milliseconds. The core allows 25,000. */
const WAIT_MS = 20_000;
/** How long after that the answer may take to arrive. */
const ANSWER_MS = 10_000;
/** An answer that came sooner without a change did not wait: then waiting is ours to do. */
const LOOK_AGAIN_MS = 2_000;
/** The longest pause between two tries without an answer. */
const LONGEST_PAUSE_MS = 30_000;
/** How long after its end an order is waited for as for one that is open: money may come late. */
const LATE_MS = 30 * 60_000;
/** The pause before the first look at an order that is settled; it doubles with each look that finds nothing new. */
const SETTLED_PAUSE_MS = 10_000;
/** The longest pause between two looks at an order that is settled. */
const LONGEST_SETTLED_PAUSE_MS = 60_000;

/**
 * Keeps an order as the core has it, from the first look to its refund: by long poll while something is about to happen, and by
 * a look now and then once it is settled. Such a look waits for nothing, so that it takes no place of those who wait.
 */
export class OrderFollow {
  readonly #surroundings: Surroundings;
  readonly #orderId: string;
  readonly #state = writable<Followed>({ order: undefined, reason: undefined, offline: false });
  #running: AbortController | undefined;
  /** Ends the call or the pause of now, to begin the next. */
  #turn = new AbortController();

  constructor(surroundings: Surroundings, orderId: string) {
    this.#surroundings = surroundings;
    this.#orderId = orderId;
  }

  /** The order. */
  get state(): Readable<Followed> {
    return this.#state;
  }

  /** Follows it until nothing more can happen to it, or `stop`. */
  async start(): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#state.update((state) => ({ ...state, reason: undefined }));
    await this.#follow(running.signal);
    if (this.#running === running) {
      this.#running = undefined;
    }
  }

  /** Lets it go. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#turn.abort();
  }

  /** Looks at once: the user or the connection has come back, and a call of before may hang on a dead connection. */
  wake(): void {
    this.#turn.abort();
    if (this.#running === undefined && get(this.#state).order?.state !== OrderState.REFUNDED) {
      void this.start();
    }
  }

  /** Another call has answered the order too. */
  take(order: Order | undefined): void {
    if (order !== undefined && order.version >= (get(this.#state).order?.version ?? 0n)) {
      this.#state.set({ order, reason: undefined, offline: false });
      this.wake();
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { now, pause, visible } = this.#surroundings;
    let [failures, idleLooks] = [0, 0];
    while (!signal.aborted) {
      await visible(signal);
      this.#turn = new AbortController();
      const turn = this.#turn.signal;
      const started = now();
      const { order: before } = get(this.#state);
      const known = before?.version ?? 0n;
      const settled = isSettled(before, started);
      try {
        const order = await this.#look(known, settled, turn);
        if (signal.aborted) {
          return;
        }
        failures = 0;
        this.#show(order);
        if (order.state === OrderState.REFUNDED) {
          return;
        }
        idleLooks = order.version === known ? idleLooks + 1 : 0;
        if (isSettled(order, now())) {
          await pause(Math.min(SETTLED_PAUSE_MS * 2 ** idleLooks, LONGEST_SETTLED_PAUSE_MS), turn);
        } else if (order.version === known && now() - started < LOOK_AGAIN_MS) {
          await pause(LOOK_AGAIN_MS, turn);
        }
      } catch (thrown) {
        if (signal.aborted) {
          return;
        }
        if (turn.aborted) {
          continue;
        }
        if (!(thrown instanceof WarungError) || !passes(thrown)) {
          this.#fail(thrown);
          return;
        }
        failures += 1;
        if (!settled) {
          this.#state.update((state) => ({ ...state, offline: failures > 1 }));
        }
        const least = Math.max(settled ? SETTLED_PAUSE_MS : 0, thrown.retryAfterMs ?? 0);
        await pause(Math.max(Math.min(1_000 * 2 ** (failures - 1), LONGEST_PAUSE_MS), least), turn);
      }
    }
  }

  async #look(known: bigint, settled: boolean, signal: AbortSignal): Promise<Order> {
    const wait = known === 0n || settled ? {} : { wait: durationFromMs(WAIT_MS) };
    const { order } = await this.#surroundings.orders.followOrder(
      { orderId: this.#orderId, knownVersion: known, ...wait },
      { signal, timeoutMs: WAIT_MS + ANSWER_MS },
    );
    if (order === undefined) {
      throw new WarungError("INTERNAL", "the answer has no order");
    }
    return order;
  }

  #show(order: Order): void {
    const { order: before, offline, reason } = get(this.#state);
    // An answer that was on its way while another call brought a newer one is old.
    if (before === undefined || order.version > before.version || offline || reason !== undefined) {
      this.#state.set({ order: before !== undefined && before.version > order.version ? before : order, reason: undefined, offline: false });
    }
  }

  #fail(thrown: unknown): void {
    if (!(thrown instanceof WarungError)) {
      throw thrown;
    }
    this.#state.update((state) => ({ ...state, reason: thrown.reason, offline: false }));
  }
}

/** Nothing more will happen to it that the page should show at once; money that goes back can wait for the next look. */
function isSettled(order: Order | undefined, now: number): boolean {
  switch (order?.state) {
    case OrderState.COMPLETED:
    case OrderState.REFUNDED:
      return true;
    case OrderState.CANCELLED:
    case OrderState.EXPIRED:
      return order.endTime === undefined || now - timestampMs(order.endTime) > LATE_MS;
    default:
      return false;
  }
}
