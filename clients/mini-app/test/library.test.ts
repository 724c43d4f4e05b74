import { create } from "@bufbuild/protobuf";
import { ListTitlesResponseSchema, type ListTitlesRequest } from "@warung/client/gen/warung/library/v1/library_service_pb";
import { EpisodeSchema } from "@warung/client/gen/warung/library/v1/library_pb";
import { get } from "svelte/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { coveredUntil, momentIn } from "../src/library/dates";
import { firstChoice, groupsOf, isListed } from "../src/library/episodes";
import { queryOf, SearchInput } from "../src/library/search";
import { titleList } from "../src/library/title-list";

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

  it("searches the same words again after everything was shown in between", () => {
    const searched: string[] = [];
    const input = new SearchInput((query) => searched.push(query));
    input.submit("senja");
    input.forget();
    input.submit("senja");
    expect(searched).toEqual(["senja", "senja"]);
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

describe("the list of titles", () => {
  it("asks for the titles of a filter, a page at a time", async () => {
    const asked: ListTitlesRequest[] = [];
    const listTitles = (request: ListTitlesRequest) => {
      asked.push(request);
      return Promise.resolve(create(ListTitlesResponseSchema, { titles: [{ titleId: request.pageToken || "first" }], nextPageToken: "second" }));
    };
    const list = titleList({ listTitles } as unknown as Parameters<typeof titleList>[0]);
    await list.show({ query: "senja", categoryId: "cat_1" });
    await list.more();
    expect(get(list.state).items.map(({ titleId }) => titleId)).toEqual(["first", "second"]);
    expect(asked).toMatchObject([
      { query: "senja", categoryId: "cat_1", pageToken: "" },
      { query: "senja", categoryId: "cat_1", pageToken: "second" },
    ]);
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

  it("the one that was wanted before is chosen again, if it has a video", () => {
    const some = [...episodes(3), create(EpisodeSchema, { number: 4 })];
    expect(firstChoice(some, 3)?.number).toBe(3);
    expect(firstChoice(some, 4)?.number).toBe(1);
    expect(firstChoice(some, 9)?.number).toBe(1);
  });
});

describe("dates", () => {
  it("are told in the store's zone, and as the chat tells them", () => {
    const moment = Date.UTC(2026, 10, 21, 17, 30);
    expect(momentIn("Asia/Jakarta", "id", moment)).toBe("22 Nov 2026 00.30 WIB");
    expect(momentIn("Asia/Makassar", "en", moment)).toBe("22 Nov 2026 01:30 WITA");
    expect(momentIn("Asia/Jakarta", "id", Date.UTC(2026, 4, 5, 16, 53))).toBe("5 Mei 2026 23.53 WIB");
    expect(momentIn("Asia/Jayapura", "en", Date.UTC(2026, 8, 5, 0, 5))).toBe("5 Sep 2026 09:05 WIT");
    expect(momentIn("No/Where", "en", moment)).toBe("21 Nov 2026 17:30 UTC");
  });

  it("what ends at midnight covers the day before, without a time", () => {
    const midnight = (zone: string) => Date.parse(`2031-02-01T00:00:00${zone}`);
    expect(coveredUntil("Asia/Jakarta", "id", midnight("+07:00"))).toBe("31 Jan 2031");
    expect(coveredUntil("Asia/Jayapura", "en", midnight("+09:00"))).toBe("31 Jan 2031");
    expect(coveredUntil("Asia/Jakarta", "id", Date.parse("2028-03-01T00:00:00+07:00"))).toBe("29 Feb 2028");
    expect(coveredUntil("Asia/Jakarta", "id", midnight("+07:00") + 1_000)).toBe("1 Feb 2031 00.00 WIB");
    expect(coveredUntil("Asia/Jakarta", "en", midnight("+07:00") + 52_200_000)).toBe("1 Feb 2031 14:30 WIB");
  });
});
