import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { TitleRequest_State as State, WarungError } from "@warung/client";
import { describe, expect, it, vi } from "vitest";

import { viewOf } from "../src/request/view";
import { wordsOf } from "../src/words";
import { answer, Core, stateOf } from "./core";

const WANTED = { titleId: "ttl_1", episodeNumber: 3 };
const LINK = "https://t.me/warung_bot?start=token";
const UUID = /^[0-9a-f-]{36}$/;

describe("a film request", () => {
  it("that is sent at once ends there", async () => {
    const core = new Core([answer(State.SENT)]);
    await core.request().start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "sent"]);
    expect(core.asked).toMatchObject([{ ...WANTED, writeAccessGranted: false }]);
    expect(core.asked[0]?.requestId).toMatch(UUID);
    expect(core.followed).toEqual([]);
  });

  it("that is queued is followed by long poll until it is sent", async () => {
    const core = new Core([answer(State.QUEUED)], [answer(State.QUEUED), answer(State.QUEUED), answer(State.SENT)]);
    core.followTakes = 20_000;
    await core.request().start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "queued", "sent"]);
    expect(core.followed.map((call) => [call.titleRequestId, call.wait?.seconds])).toEqual([
      ["req_1", 20n],
      ["req_1", 20n],
      ["req_1", 20n],
    ]);
    expect(core.pauses).toBe(0);
  });

  it("does not hurry a core that answers QUEUED without waiting", async () => {
    const core = new Core([answer(State.QUEUED)], [answer(State.QUEUED), answer(State.QUEUED), answer(State.SENT)]);
    await core.request().start(WANTED);
    expect(core.pauses).toBe(2);
  });

  it("that is queued may end in NEED_START or FAILED", async () => {
    const failed = new Core([answer(State.QUEUED)], [answer(State.FAILED)]);
    await failed.request().start(WANTED);
    expect(failed.shown).toEqual(["idle", "sending", "queued", "failed"]);

    const start = new Core([answer(State.QUEUED)], [answer(State.NEED_START, { link: LINK }), answer(State.SENT)]);
    await start.request().start(WANTED);
    expect(start.shown).toEqual(["idle", "sending", "queued", "need_start", "sent"]);
  });

  it("of a user without membership shows where to become a member", async () => {
    const core = new Core([answer(State.VIP_REQUIRED, { link: LINK })]);
    const request = core.request();
    await request.start(WANTED);
    expect(stateOf(request)).toEqual({ kind: "vip_required", link: LINK, plans: [] });
  });

  it("of a user without membership shows the plans with their prices", async () => {
    const plans = [{ productId: "prd_1", name: "VIP 30 hari", price: { currencyCode: "IDR", minorUnits: 25_000n } }];
    const core = new Core([answer(State.VIP_REQUIRED, { link: LINK, plans })]);
    const request = core.request();
    await request.start(WANTED);
    const state = stateOf(request);
    expect(state).toEqual({ kind: "vip_required", link: LINK, plans: [{ productId: "prd_1", name: "VIP 30 hari", price: "Rp25.000" }] });
    expect(viewOf(state, wordsOf("id"), "", 0)?.action?.kind).toBe("open_plans");
  });
});

describe("a user who never pressed Start", () => {
  it("gets the link, and the film once they pressed it, without asking again", async () => {
    const waiting = answer(State.NEED_START, { link: LINK, expireTime: timestampFromMs(9_000_000) });
    const core = new Core([waiting], [waiting, waiting, answer(State.QUEUED), answer(State.SENT)]);
    await core.request().start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "need_start", "queued", "sent"]);
    expect(core.asked).toHaveLength(1);
  });

  it("who allows messages is asked for the film anew, with a request id of its own", async () => {
    const core = new Core([answer(State.NEED_START, { link: LINK }), answer(State.SENT)]);
    await core.request({ requestWriteAccess: () => Promise.resolve(true) }).start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "asking", "sending", "sent"]);
    expect(core.asked.map((call) => call.writeAccessGranted)).toEqual([false, true]);
    expect(core.asked[0]?.requestId).not.toBe(core.asked[1]?.requestId);
  });

  it("who refuses gets the link at once", async () => {
    const core = new Core([answer(State.NEED_START, { link: LINK })], [answer(State.SENT)]);
    await core.request({ requestWriteAccess: () => Promise.resolve(false) }).start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "asking", "need_start", "sent"]);
    expect(core.asked).toHaveLength(1);
  });

  it("is not asked twice when allowing did not help", async () => {
    const ask = vi.fn(() => Promise.resolve(true));
    const again = answer(State.NEED_START, { link: LINK });
    const core = new Core([again, again], [answer(State.SENT)]);
    await core.request({ requestWriteAccess: ask }).start(WANTED);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(core.shown).toEqual(["idle", "sending", "asking", "sending", "need_start", "sent"]);
  });

  it("is told when the link has expired", async () => {
    const waiting = answer(State.NEED_START, { link: LINK, expireTime: timestampFromMs(1_000_000 + 6 * 60_000) });
    const core = new Core([waiting], Array.from({ length: 1000 }, () => waiting));
    await core.request().start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "need_start", "link_expired"]);
    expect(core.clock - 1_000_000).toBeGreaterThanOrEqual(6 * 60_000);
  });

  it("whose clock is wrong still gets the link", async () => {
    const waiting = answer(State.NEED_START, { link: LINK, expireTime: timestampFromMs(1) });
    const core = new Core([waiting], [waiting, answer(State.SENT)]);
    await core.request().start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "need_start", "sent"]);
  });
});

describe("a request that fails", () => {
  it("for too many requests says until when", async () => {
    const core = new Core([new WarungError("RATE_LIMITED", "slow down", 7_000)]);
    const request = core.request();
    await request.start(WANTED);
    expect(stateOf(request)).toEqual({ kind: "limited", until: 1_007_000 });
  });

  it.each(["INIT_DATA_EXPIRED", "INIT_DATA_INVALID", "SESSION_EXPIRED", "UNAUTHENTICATED"] as const)(
    "for %s asks to open the app again",
    async (reason) => {
      const request = new Core([reason]).request();
      await request.start(WANTED);
      expect(stateOf(request)).toEqual({ kind: "signed_out", reason: "expired" });
    },
  );

  it("for anything else keeps the reason", async () => {
    const request = new Core(["VIDEO_MISSING"]).request();
    await request.start(WANTED);
    expect(stateOf(request)).toEqual({ kind: "error", reason: "VIDEO_MISSING" });
  });

  it("to be followed for a while goes on", async () => {
    const core = new Core([answer(State.QUEUED)], ["UNAVAILABLE", "DEADLINE_EXCEEDED", answer(State.SENT)]);
    await core.request().start(WANTED);
    expect(core.shown).toEqual(["idle", "sending", "queued", "sent"]);
    expect(core.pauses).toBe(2);
  });

  it("to be followed for long gives up", async () => {
    const core = new Core([answer(State.QUEUED)], Array.from({ length: 100 }, () => "UNAVAILABLE" as const));
    const request = core.request();
    await request.start(WANTED);
    expect(stateOf(request)).toEqual({ kind: "error", reason: "UNAVAILABLE" });
    expect(core.followed).toHaveLength(20);
  });

  it("outside Telegram asks nothing of the core", async () => {
    const core = new Core([]);
    const request = core.request({ canSignIn: false });
    await request.start(WANTED);
    expect(stateOf(request)).toEqual({ kind: "signed_out", reason: "outside" });
    expect(core.asked).toEqual([]);
  });
});

describe("a request that is let go", () => {
  it("shows nothing of what comes after", async () => {
    const core = new Core([answer(State.QUEUED)]);
    const request = core.request();
    const running = request.start(WANTED);
    await vi.waitFor(() => expect(core.followed).toHaveLength(1));
    request.stop();
    await running;
    expect(core.shown).toEqual(["idle", "sending", "queued", "idle"]);
  });

  it("makes room for another", async () => {
    const core = new Core([answer(State.QUEUED), answer(State.SENT)]);
    const request = core.request();
    const first = request.start(WANTED);
    await vi.waitFor(() => expect(core.followed).toHaveLength(1));
    await request.start({ titleId: "ttl_1", episodeNumber: 4 });
    await first;
    expect(stateOf(request)).toEqual({ kind: "sent" });
    expect(core.asked.map((call) => call.episodeNumber)).toEqual([3, 4]);
  });
});
