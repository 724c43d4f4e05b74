import { emitEvent } from "@tma.js/bridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { Telegram } from "../src/telegram/bridge";
import type { Launch } from "../src/telegram/launch";

const LAUNCH: Launch = {
  initData: "hash=1",
  version: "8.0",
  platform: "web",
  theme: {},
  startParam: "",
  userId: "42",
  languageCode: "id",
  path: "",
};

/** What was posted to the page around us. */
let posted: { eventType: string; eventData?: Record<string, unknown> }[];

function telegram(version: string): Telegram {
  return new Telegram({ ...LAUNCH, version });
}

// One page for all tests: the library listens to the first that it sees.
beforeAll(() => {
  const target = new EventTarget();
  const parent = { postMessage: (message: string) => posted.push(JSON.parse(message) as (typeof posted)[number]) };
  const frame = Object.assign(target, { self: {}, top: {}, parent, location: { reload: vi.fn() } });
  vi.stubGlobal("window", frame);
  // Node's own MessageEvent takes no plain object for its source.
  vi.stubGlobal(
    "MessageEvent",
    class extends Event {
      readonly data: unknown;
      readonly source: unknown;
      constructor(type: string, init: { data: unknown; source: unknown }) {
        super(type);
        this.data = init.data;
        this.source = init.source;
      }
    },
  );
});

beforeEach(() => {
  posted = [];
});

afterAll(() => {
  vi.unstubAllGlobals();
});

describe("Telegram around the page", () => {
  it("versions are compared by number", () => {
    expect(telegram("6.10").atLeast("6.9")).toBe(true);
    expect(telegram("6.1").atLeast("6.9")).toBe(false);
    expect(telegram("7.0").atLeast("6.9")).toBe(true);
    expect(telegram("nonsense").atLeast("6.1")).toBe(false);
  });

  it("gets nothing that its version lacks", () => {
    const old = telegram("6.0");
    old.haptic("success");
    old.setBackButton(true);
    old.ready();
    const methods = posted.map(({ eventType }) => eventType);
    expect(methods).toContain("web_app_ready");
    expect(methods).not.toContain("web_app_trigger_haptic_feedback");
    expect(methods).not.toContain("web_app_setup_back_button");
    expect(methods).not.toContain("web_app_request_safe_area");
    expect(old.canRequestWriteAccess).toBe(false);
  });

  it("opens its own links itself, with path and query, and others in a browser", () => {
    telegram("6.1").openTelegramLink("https://t.me/warung_bot?start=p_abc");
    telegram("6.1").openTelegramLink("https://shop.test/x");
    telegram("6.0").openTelegramLink("https://t.me/warung_bot");
    expect(posted).toEqual([
      { eventType: "web_app_open_tg_link", eventData: { path_full: "/warung_bot?start=p_abc" } },
      { eventType: "web_app_open_link", eventData: { url: "https://shop.test/x" } },
      { eventType: "web_app_open_link", eventData: { url: "https://t.me/warung_bot" } },
    ]);
  });

  it("the main button belongs to the part of the page that claimed it last", () => {
    const pressed: string[] = [];
    const bridge = telegram("8.0");
    const shown = (): unknown => posted.filter(({ eventType }) => eventType === "web_app_setup_main_button").map(({ eventData }) => eventData?.["text"] ?? null);
    const page = bridge.claimMainButton(() => pressed.push("page"));
    page.set({ text: "Beli", active: true, busy: false });
    const sheet = bridge.claimMainButton(() => pressed.push("sheet"));
    sheet.set({ text: "Bayar", active: true, busy: false });
    page.set({ text: "Habis", active: false, busy: false });
    emitEvent("main_button_pressed");
    sheet.release();
    emitEvent("main_button_pressed");
    page.release();
    emitEvent("main_button_pressed");
    expect(shown()).toEqual(["Beli", "Bayar", "Habis", null]);
    expect(pressed).toEqual(["sheet", "page"]);
  });

  it("hides the buttons that the page before a reload has left, and keeps one that is claimed already", () => {
    telegram("8.0").ready();
    expect(posted).toContainEqual({ eventType: "web_app_setup_main_button", eventData: { is_visible: false } });
    expect(posted).toContainEqual({ eventType: "web_app_setup_secondary_button", eventData: { is_visible: false } });
    expect(posted).toContainEqual({ eventType: "web_app_setup_back_button", eventData: { is_visible: false } });
    posted = [];
    const bridge = telegram("7.9");
    bridge.setBackButton(true);
    bridge.claimMainButton(() => undefined).set({ text: "Beli", active: true, busy: false });
    bridge.ready();
    const last = (button: string) => posted.filter(({ eventType }) => eventType === `web_app_setup_${button}_button`).pop()?.eventData?.["is_visible"];
    expect([last("main"), last("back"), last("secondary")]).toEqual([true, true, undefined]);
  });

  it.each([
    ["allowed", "allowed"],
    ["cancelled", "refused"],
  ] as const)("an answer %s to the question for write access is %s", async (status, answer) => {
    const asked = telegram("6.9").requestWriteAccess();
    expect(posted.map(({ eventType }) => eventType)).toEqual(["web_app_request_write_access"]);
    emitEvent("write_access_requested", { status });
    await expect(asked).resolves.toBe(answer);
  });

  it("a question that nobody answers ends unknown", async () => {
    await expect(telegram("6.9").requestWriteAccess(1)).resolves.toBe("unknown");
  });
});
