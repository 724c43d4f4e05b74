import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STYLES = fileURLToPath(new URL("../src/styles", import.meta.url));

/** What the build lays out, by name. */
const built = new Map<string, Buffer>();

beforeAll(async () => {
  const answer = await build({ root: ROOT, logLevel: "error", build: { write: false } });
  const [bundle] = Array.isArray(answer) ? answer : [answer];
  if (bundle === undefined || !("output" in bundle)) {
    throw new Error("the build answered no files");
  }
  for (const file of bundle.output) {
    built.set(file.fileName, Buffer.from(file.type === "chunk" ? file.code : file.source));
  }
}, 120_000);

describe("the built files", () => {
  it("have every vendor line that is written by hand, for iPhones", () => {
    const written = readdirSync(STYLES).flatMap((file) =>
      [...readFileSync(`${STYLES}/${file}`, "utf8").matchAll(/(-webkit-[a-z-]+)\s*:\s*([^;]+);|:\s*(-webkit-[a-z-]+);|(::-webkit-[a-z-]+)/g)].map(
        ([, property, value, prefixed, selector]) => (property !== undefined ? `${property}:${value}` : (prefixed ?? selector ?? "")),
      ),
    );
    const styles = [...built].filter(([name]) => name.endsWith(".css")).map(([, content]) => content.toString("utf8"));
    const kept = styles.join("").replace(/\s*([:;{}])\s*/g, "$1");
    expect(written.length).toBeGreaterThan(5);
    expect([...new Set(written)].filter((line) => !kept.includes(line))).toEqual([]);
  });

  it("that carry a hash lie there compressed as well, and are the same", () => {
    const plain = [...built].filter(([name, content]) => /^assets\/.*\.(js|css)$/.test(name) && content.length >= 1_024);
    expect(plain.length).toBeGreaterThan(5);
    for (const [name, content] of plain) {
      expect(brotliDecompressSync(built.get(`${name}.br`) ?? Buffer.alloc(0)).equals(content), name).toBe(true);
      expect(gunzipSync(built.get(`${name}.gz`) ?? Buffer.alloc(0)).equals(content), name).toBe(true);
    }
    expect([...built.keys()].filter((name) => /^index\.html\./.test(name)), "it may be edited after the build").toEqual([]);
  });
});
