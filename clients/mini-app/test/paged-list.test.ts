import { WarungError } from "@warung/client";
import { get } from "svelte/store";
import { describe, expect, it } from "vitest";

import { ALL, type Filter } from "../src/library/title-list";
import { PagedList, type Page } from "../src/list/paged-list";

type Answer = Page<{ id: string; stock?: number }> | "INTERNAL" | "PAGE_TOKEN_INVALID";

const page = (ids: string[], nextPageToken = ""): Answer => ({ items: ids.map((id) => ({ id })), nextPageToken });

/** A core that answers these pages in turn. */
class Core {
  readonly asked: { filter: Filter; pageSize: number; pageToken: string }[] = [];
  readonly signals: AbortSignal[] = [];
  readonly list: PagedList<{ id: string; stock?: number }, Filter>;

  constructor(...answers: Answer[]) {
    this.list = new PagedList(
      {
        pageSize: 2,
        keyOf: ({ id }) => id,
        load: async (filter, asked, signal) => {
          this.asked.push({ filter, ...asked });
          this.signals.push(signal);
          const answer = answers.shift() ?? "INTERNAL";
          await Promise.resolve();
          if (typeof answer === "string") {
            throw new WarungError(answer, "refused");
          }
          return answer;
        },
      },
      ALL,
    );
  }

  get ids(): string[] {
    return get(this.list.state).items.map(({ id }) => id);
  }
}

describe("a list", () => {
  it("goes on page by page to its end", async () => {
    const core = new Core(page(["a", "b"], "2"), page(["b", "c"], "3"), page(["d"]));
    await core.list.show(ALL);
    await core.list.more();
    await core.list.more();
    await core.list.more();
    expect(core.ids).toEqual(["a", "b", "c", "d"]);
    expect(core.asked.map((call) => call.pageToken)).toEqual(["", "2", "3"]);
    expect(get(core.list.state)).toMatchObject({ phase: "ready", more: false });
  });

  it("asks for a page once, however often its end is seen", async () => {
    const core = new Core(page(["a"], "2"), page(["b"]));
    await core.list.show(ALL);
    await Promise.all([core.list.more(), core.list.more(), core.list.more()]);
    expect(core.asked).toHaveLength(2);
  });

  it("a new filter ends the call before, whose answer is not shown", async () => {
    const core = new Core(page(["old"]), page(["new"]));
    const old = core.list.show(ALL);
    const young = core.list.show({ query: "senja", categoryId: "" });
    await Promise.all([old, young]);
    expect(core.signals[0]?.aborted).toBe(true);
    expect(core.ids).toEqual(["new"]);
    expect(get(core.list.state).filter.query).toBe("senja");
  });

  it("keeps what it has when a page fails, and goes on with a retry", async () => {
    const core = new Core(page(["a"], "2"), "INTERNAL", page(["b"]));
    await core.list.show(ALL);
    await core.list.more();
    expect(get(core.list.state)).toMatchObject({ phase: "error", reason: "INTERNAL" });
    expect(core.ids).toEqual(["a"]);
    await core.list.retry();
    expect(core.ids).toEqual(["a", "b"]);
    expect(core.asked[2]?.pageToken).toBe("2");
  });

  it("begins anew when its page token is not taken any more", async () => {
    const core = new Core(page(["a"], "2"), "PAGE_TOKEN_INVALID", page(["c"]));
    await core.list.show(ALL);
    await core.list.more();
    expect(core.ids).toEqual(["c"]);
  });

  it("is brought up to date in place, with all that is shown in one call", async () => {
    const fresh: Answer = { items: [{ id: "d" }, { id: "b", stock: 3 }, { id: "a", stock: 0 }], nextPageToken: "x" };
    const core = new Core(page(["a", "b"], "2"), page(["c"], "3"), fresh, page(["e"]));
    await core.list.show(ALL);
    await core.list.more();
    await core.list.refresh();
    expect(get(core.list.state).items).toEqual([{ id: "a", stock: 0 }, { id: "b", stock: 3 }, { id: "c" }]);
    expect(core.asked[2]).toMatchObject({ pageSize: 3, pageToken: "" });
    await core.list.more();
    expect(core.asked[3]?.pageToken).toBe("3");
  });

  it("stays as it is when it can't be brought up to date", async () => {
    const core = new Core(page(["a"]), "INTERNAL");
    await core.list.show(ALL);
    await core.list.refresh();
    expect(core.ids).toEqual(["a"]);
    expect(get(core.list.state).phase).toBe("ready");
  });
});
