import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { errorFrom, WarungError, type Reason } from "@warung/client";
import { OrderSchema, OrderState as State, type Order } from "@warung/client/gen/warung/order/v1/order_pb";
import type { FollowOrderRequest } from "@warung/client/gen/warung/order/v1/order_service_pb";
import { get } from "svelte/store";
import { describe, expect, it, vi } from "vitest";

import { OrderFollow, type Surroundings } from "../src/order/follow";

const order = (version: bigint, state: State, endedAt?: number): Order =>
  create(OrderSchema, { orderId: "ord_1", version, state, ...(endedAt !== undefined && { endTime: timestampFromMs(endedAt) }) });

/** A core that gives these answers in turn; when there are none left, one that never comes. */
class Core {
  readonly asked: FollowOrderRequest[] = [];
  readonly pauses: number[] = [];
  readonly shown: string[] = [];
  clock = 10_000_000;
  /** How long each answer takes, in milliseconds. */
  takes = 20_000;
  seen: Promise<void> = Promise.resolve();
  readonly follow: OrderFollow;

  constructor(...answers: (Order | Reason)[]) {
    const followOrder = async (request: FollowOrderRequest, options?: { signal?: AbortSignal }) => {
      this.asked.push(request);
      this.clock += this.takes;
      const answer = answers.shift();
      if (answer === undefined) {
        return new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => reject(errorFrom(new DOMException("aborted", "AbortError"))));
        });
      }
      if (typeof answer === "string") {
        throw new WarungError(answer, "refused");
      }
      return { order: answer };
    };
    this.follow = new OrderFollow(
      {
        orders: { followOrder } as unknown as Surroundings["orders"],
        now: () => this.clock,
        pause: (ms) => {
          this.pauses.push(ms);
          return Promise.resolve();
        },
        visible: () => this.seen,
      },
      "ord_1",
    );
    this.follow.state.subscribe(({ order, offline, reason }) => this.shown.push(`${order?.version ?? "-"}${offline ? " offline" : ""}${reason ? ` ${reason}` : ""}`));
  }
}

describe("following an order", () => {
  it("asks at once, then waits for another version, to the end", async () => {
    const core = new Core(order(1n, State.PENDING), order(1n, State.PENDING), order(3n, State.PAID), order(4n, State.REFUNDED));
    await core.follow.start();
    expect(core.asked.map(({ knownVersion, wait }) => [knownVersion, wait?.seconds])).toEqual([
      [0n, undefined],
      [1n, 20n],
      [1n, 20n],
      [3n, 20n],
    ]);
    expect(core.pauses).toEqual([]);
    expect(get(core.follow.state).order?.state).toBe(State.REFUNDED);
  });

  it("looks at a completed order now and then, for money that goes back", async () => {
    const completed = (version: bigint) => order(version, State.COMPLETED);
    const core = new Core(completed(1n), ...Array<Order>(4).fill(completed(1n)), completed(2n), order(3n, State.REFUNDED));
    core.takes = 10;
    await core.follow.start();
    expect(core.pauses).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 10_000]);
    expect(core.asked.map(({ wait }) => wait), "it holds none of the places of those who wait for their payment").toEqual(Array(7).fill(undefined));
    expect(core.shown[core.shown.length - 1]).toBe("3");
  });

  it("a look at a completed order that gets no answer says nothing of the connection", async () => {
    const core = new Core(order(1n, State.COMPLETED), ...Array<Reason>(2).fill("UNAVAILABLE"), order(2n, State.REFUNDED));
    await core.follow.start();
    expect(core.shown.filter((text) => text.includes("offline"))).toEqual([]);
  });

  it("does not hurry a core that answers without waiting", async () => {
    const core = new Core(order(1n, State.PENDING), order(1n, State.PENDING), order(2n, State.REFUNDED));
    core.takes = 10;
    await core.follow.start();
    expect(core.pauses).toEqual([2_000]);
  });

  it("goes on for a while after an order expired, for money that comes late", async () => {
    const core = new Core(order(2n, State.EXPIRED, 10_000_000), order(3n, State.PAID), order(4n, State.REFUNDED));
    await core.follow.start();
    expect(core.asked.map(({ wait }) => wait?.seconds)).toEqual([undefined, 20n, 20n]);
  });

  it("looks only now and then at an order that expired long ago", async () => {
    const core = new Core(order(2n, State.EXPIRED, 10_000_000 - 3_600_000), order(3n, State.REFUNDED));
    await core.follow.start();
    expect(core.pauses).toEqual([10_000]);
    expect(core.asked.map(({ wait }) => wait)).toEqual([undefined, undefined]);
  });

  it("without an answer tries again, each time later, and says that it is offline", async () => {
    const core = new Core(order(1n, State.PENDING), ...Array<Reason>(7).fill("UNAVAILABLE"), order(2n, State.REFUNDED));
    await core.follow.start();
    expect(core.pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(core.shown.filter((text, index) => text !== core.shown[index - 1])).toEqual(["-", "1", "1 offline", "2"]);
  });

  it("of somebody else ends with the reason, and can be tried again", async () => {
    const core = new Core("NOT_FOUND", order(1n, State.REFUNDED));
    await core.follow.start();
    expect(get(core.follow.state).reason).toBe("NOT_FOUND");
    await core.follow.start();
    expect(get(core.follow.state)).toMatchObject({ reason: undefined, order: { version: 1n } });
  });

  it("that is woken ends a call that hangs, and asks anew without a pause", async () => {
    const core = new Core(order(1n, State.PENDING));
    const running = core.follow.start();
    await vi.waitFor(() => expect(core.asked).toHaveLength(2));
    core.follow.wake();
    await vi.waitFor(() => expect(core.asked).toHaveLength(3));
    expect(core.pauses).toEqual([]);
    core.follow.stop();
    await running;
    expect(core.shown[core.shown.length - 1]).toBe("1");
  });

  it("that is stopped asks nothing more", async () => {
    const core = new Core(order(1n, State.PENDING));
    const running = core.follow.start();
    await vi.waitFor(() => expect(core.asked).toHaveLength(2));
    core.follow.stop();
    await running;
    expect(core.asked).toHaveLength(2);
  });

  it("asks nothing while the page is hidden", async () => {
    const core = new Core(order(1n, State.REFUNDED));
    let show = (): void => undefined;
    core.seen = new Promise((resolve) => (show = resolve));
    const running = core.follow.start();
    await Promise.resolve();
    expect(core.asked).toEqual([]);
    show();
    await running;
    expect(core.asked).toHaveLength(1);
  });

  it("takes what another call has answered, and never goes back to an older version", async () => {
    const core = new Core(order(1n, State.PENDING));
    const running = core.follow.start();
    await vi.waitFor(() => expect(core.asked).toHaveLength(2));
    core.follow.take(order(5n, State.CANCELLED));
    core.follow.take(order(4n, State.PENDING));
    expect(get(core.follow.state).order?.state).toBe(State.CANCELLED);
    core.follow.stop();
    await running;
  });
});
