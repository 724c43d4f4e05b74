import { describe, expect, it } from "vitest";

import { ServerClock } from "../src/clock";

/** A phone whose clock is `behind` the server's, and a server that answers after the given times. */
async function clockAfter(behind: number, ...took: (number | "without a date")[]): Promise<number> {
  const server = Date.UTC(2026, 10, 21, 9, 5, 0);
  let now = server - behind;
  const clock = new ServerClock(() => now);
  for (const ms of took) {
    const fetch = clock.watch(() => {
      const half = typeof ms === "number" ? ms / 2 : 0;
      now += half;
      // A header has whole seconds.
      const date = new Date(Math.floor((now + behind) / 1000) * 1000).toUTCString();
      now += half;
      return Promise.resolve(new Response(null, { headers: typeof ms === "number" ? { date } : {} }));
    });
    await fetch("https://shop.test");
  }
  return clock.now() - (now + behind);
}

describe("the server's clock", () => {
  it.each([0, 3 * 3_600_000, -45_000])("is known to a second on a phone that is %i ms behind", async (behind) => {
    expect(Math.abs(await clockAfter(behind, 200))).toBeLessThanOrEqual(600);
  });

  it("is taken from the quickest answer: one that was waited for says little", async () => {
    expect(Math.abs(await clockAfter(60_000, 100, 20_000))).toBeLessThanOrEqual(600);
    expect(Math.abs(await clockAfter(60_000, 20_000, 100))).toBeLessThanOrEqual(600);
  });

  it("is the phone's until a date comes", async () => {
    expect(await clockAfter(60_000, "without a date")).toBe(-60_000);
    expect(Math.abs(await clockAfter(60_000, "without a date", 100))).toBeLessThanOrEqual(600);
  });
});
