import { describe, expect, it } from "vitest";

import table from "../../../language/cases.txt?raw";
import type { RequestState } from "../src/request/film-request";
import { viewOf } from "../src/request/view";
import { counted, fill, languageOf, languages, wordsOf, wordsOfError } from "../src/words";

const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
/** The forms of a text for one and for more, where it has them. */
const forms = (text: string): string[] => text.split("|");

describe("words", () => {
  const [first, second] = [wordsOf("id"), wordsOf("en")];

  it("both languages have the same keys, none empty, with the same places", () => {
    expect(Object.keys(second)).toEqual(Object.keys(first));
    for (const [key, text] of Object.entries(first)) {
      const other = second[key as keyof typeof second];
      expect(text.trim(), key).not.toBe("");
      expect(other.trim(), key).not.toBe("");
      for (const form of [...forms(text), ...forms(other)]) {
        expect(places(form), key).toEqual(places(forms(text)[0] ?? ""));
      }
    }
  });

  it("a user gets the language of the table that all parts of Warung share", () => {
    const cases = table.trim().split("\n").map((line) => [line.slice(3).replace(/"/g, ""), line.slice(0, 2)] as const);
    expect(cases.length).toBeGreaterThan(20);
    for (const [tag, language] of cases) {
      expect([tag, tag.toUpperCase(), tag.replace(/-/g, "_")].map(languageOf), tag).toEqual(Array(3).fill(language));
    }
    expect(languageOf(undefined)).toBe("id");
  });

  it("places are filled as they are, without a second reading", () => {
    expect(fill("{a} {b} {c}", { a: "{b}", b: 2 })).toBe("{b} 2 {c}");
  });

  it("a number of things takes the form that its language has for it", () => {
    const say = (count: number) => [counted("en", second.filmsFound, count), counted("id", first.filmsFound, count)];
    expect(say(1)).toEqual(["1 title shown", "1 judul ditampilkan"]);
    expect(say(0)).toEqual(["0 titles shown", "0 judul ditampilkan"]);
    expect(say(21)).toEqual(["21 titles shown", "21 judul ditampilkan"]);
  });

  it("every state of a request says what is wrong and what to do, in both languages", () => {
    const states: RequestState[] = [
      { kind: "asking" },
      { kind: "queued" },
      { kind: "sent" },
      { kind: "need_start", link: "https://t.me/x" },
      { kind: "link_expired" },
      { kind: "vip_required", link: "https://t.me/x", plans: [] },
      { kind: "failed" },
      { kind: "limited", until: 5_000 },
      { kind: "signed_out", reason: "outside" },
      { kind: "signed_out", reason: "expired" },
      { kind: "error", reason: "INTERNAL" },
    ];
    for (const { code } of languages) {
      const views = states.map((state) => viewOf(state, wordsOf(code), "https://t.me/x", 1_000));
      expect(views.every((view) => view !== undefined && view.title !== "" && view.hint !== "")).toBe(true);
      expect(new Set(views.map((view) => view?.title)).size).toBe(states.length);
    }
  });

  it("a limit counts down in whole seconds", () => {
    expect(viewOf({ kind: "limited", until: 5_000 }, second, "", 1_001)?.hint).toBe("Try again in 4 s.");
    expect(viewOf({ kind: "limited", until: 5_000 }, second, "", 9_000)?.hint).toBe("Try again in 1 s.");
  });

  it("an error of a session asks to open the app again", () => {
    expect(wordsOfError(first, "INIT_DATA_EXPIRED").title).toBe(first.sessionTitle);
  });
});
