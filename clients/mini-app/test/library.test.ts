import { create } from "@bufbuild/protobuf";
import { WarungError } from "@warung/client";
import { ListTitlesResponseSchema, type ListTitlesRequest } from "@warung/client/gen/warung/library/v1/library_service_pb";
import { EpisodeSchema } from "@warung/client/gen/warung/library/v1/library_pb";
import { get } from "svelte/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { momentIn } from "../src/library/dates";
import { firstChoice, groupsOf, isListed } from "../src/library/episodes";
import { queryOf, SearchInput } from "../src/library/search";
import { TitleFeed } from "../src/library/title-feed";

describe("search as the user types", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("searches when typing rests, once", () => {
    const searched: string[] = [];
    const input = new SearchInput((query) => searched.push(query));
    for (const text of ["s", "se", "sen", "senj", "senja"]) {
      input.type(text);
      vi.advanceTimersByTime(100);
    }
    expect(searched).toEqual([]);
    vi.advanceTimersByTime(150);
    expect(searched).toEqual(["senja"]);
  });

  it("searches nothing below two letters, and shows all again when they are taken back", () => {
    const searched: string[] = [];
    const input = new SearchInput((query) => searched.push(query));
    const rest = (text: string): void => {
      input.type(text);
      vi.runAllTimers();
    };
    rest("s");
    expect(searched).toEqual([]);
    rest("se");
    rest("se ");
    rest("s");
    rest("");
    expect(searched).toEqual(["se", ""]);
  });

  it("Enter searches at once", () => {
    const searched: string[] = [];
    const input = new SearchInput((query) => searched.push(query));
    input.type("senja");
    input.submit("senja");
    vi.runAllTimers();
    expect(searched).toEqual(["senja"]);
  });

  it.each([
    ["a", ""],
    ["a!", ""],
    ["  ab  ", "ab"],
    ["a  b", "a b"],
    ["حك", "حك"],
    ["😀😀", ""],
    ["x".repeat(150), "x".repeat(100)],
  ])("%j asks for %j", (text, query) => {
    expect(queryOf(text)).toBe(query);
  });
});

type Page = { titles: string[]; next?: string } | "INTERNAL" | "PAGE_TOKEN_INVALID";

/** A library that answers these pages in turn; a call waits until `release`. */
class Shelf {
  readonly asked: ListTitlesRequest[] = [];
  readonly signals: (AbortSignal | undefined)[] = [];
  readonly feed: TitleFeed;

  constructor(pages: Page[]) {
    const listTitles = async (request: ListTitlesRequest, options?: { signal?: AbortSignal }) => {
      this.asked.push(request);
      this.signals.push(options?.signal);
      const page = pages.shift() ?? "INTERNAL";
      await Promise.resolve();
      if (typeof page === "string") {
        throw new WarungError(page, "refused");
      }
      return create(ListTitlesResponseSchema, {
        titles: page.titles.map((titleId) => ({ titleId })),
        nextPageToken: page.next ?? "",
      });
    };
    this.feed = new TitleFeed({ listTitles } as unknown as ConstructorParameters<typeof TitleFeed>[0]);
  }

  get ids(): string[] {
    return get(this.feed.state).titles.map(({ titleId }) => titleId);
  }
}

const ALL = { query: "", categoryId: "" };

describe("the list of titles", () => {
  it("goes on page by page to its end", async () => {
    const shelf = new Shelf([{ titles: ["a", "b"], next: "2" }, { titles: ["b", "c"], next: "3" }, { titles: ["d"] }]);
    await shelf.feed.show(ALL);
    await shelf.feed.more();
    await shelf.feed.more();
    await shelf.feed.more();
    expect(shelf.ids).toEqual(["a", "b", "c", "d"]);
    expect(shelf.asked.map((call) => call.pageToken)).toEqual(["", "2", "3"]);
    expect(get(shelf.feed.state)).toMatchObject({ phase: "ready", more: false });
  });

  it("asks for a page once, however often its end is seen", async () => {
    const shelf = new Shelf([{ titles: ["a"], next: "2" }, { titles: ["b"] }]);
    await shelf.feed.show(ALL);
    await Promise.all([shelf.feed.more(), shelf.feed.more(), shelf.feed.more()]);
    expect(shelf.asked).toHaveLength(2);
  });

  it("a new filter ends the call before, whose answer is not shown", async () => {
    const shelf = new Shelf([{ titles: ["old"] }, { titles: ["new"] }]);
    const old = shelf.feed.show(ALL);
    const young = shelf.feed.show({ query: "senja", categoryId: "" });
    await Promise.all([old, young]);
    expect(shelf.signals[0]?.aborted).toBe(true);
    expect(shelf.ids).toEqual(["new"]);
    expect(get(shelf.feed.state).filter.query).toBe("senja");
  });

  it("keeps what it has when a page fails, and goes on with a retry", async () => {
    const shelf = new Shelf([{ titles: ["a"], next: "2" }, "INTERNAL", { titles: ["b"] }]);
    await shelf.feed.show(ALL);
    await shelf.feed.more();
    expect(get(shelf.feed.state)).toMatchObject({ phase: "error", reason: "INTERNAL" });
    expect(shelf.ids).toEqual(["a"]);
    await shelf.feed.retry();
    expect(shelf.ids).toEqual(["a", "b"]);
    expect(shelf.asked[2]?.pageToken).toBe("2");
  });

  it("begins anew when its page token is not taken any more", async () => {
    const shelf = new Shelf([{ titles: ["a"], next: "2" }, "PAGE_TOKEN_INVALID", { titles: ["c"] }]);
    await shelf.feed.show(ALL);
    await shelf.feed.more();
    expect(shelf.ids).toEqual(["c"]);
  });
});

describe("episodes", () => {
  const episodes = (count: number, name = "", available = true) =>
    Array.from({ length: count }, (_, index) => create(EpisodeSchema, { number: index + 1, name, available }));

  it("with names are a list, many or nameless ones a grid", () => {
    expect(isListed(episodes(12, "x"))).toBe(true);
    expect(isListed(episodes(13, "x"))).toBe(false);
    expect(isListed(episodes(5))).toBe(false);
  });

  it("are shown in groups of a hundred", () => {
    expect(groupsOf(episodes(240)).map((group) => group.length)).toEqual([100, 100, 40]);
  });

  it("the first with a video is chosen first", () => {
    const [first, second] = [create(EpisodeSchema, { number: 1 }), create(EpisodeSchema, { number: 2, available: true })];
    expect(firstChoice([first, second])?.number).toBe(2);
    expect(firstChoice([first])?.number).toBe(1);
    expect(firstChoice([])).toBeUndefined();
  });
});

describe("dates", () => {
  it("are told in the store's zone", () => {
    const moment = Date.UTC(2026, 10, 21, 17, 30);
    expect(momentIn("Asia/Jakarta", "id", moment)).toMatch(/22 November 2026.*00[.:]30.*WIB/);
    expect(momentIn("Asia/Jakarta", "en", moment)).toMatch(/22 November 2026.*00:30/);
    expect(momentIn("No/Where", "en", moment)).toMatch(/21 November 2026.*17:30.*UTC/);
  });
});
