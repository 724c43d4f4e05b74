// Fails when the first load is over its budget, or when a script is written in words that the oldest browser can't read.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { parse } from "acorn";

const BUDGET_BYTES = 100 * 1000;
// What Chromium 80 reads is all of ECMAScript 2020, and nothing of 2021.
const ECMA_VERSION = 2020;

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

let total = 0;
for (const entry of files) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const content = readFileSync(path);
  const size = gzipSync(content, { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(7)}  ${path.slice(dist.length + 1)}`);
  if (entry.name.endsWith(".js")) {
    parse(content.toString("utf8"), { ecmaVersion: ECMA_VERSION, sourceType: "module" });
  }
}
console.log(`${String(total).padStart(7)}  in all, gzipped; ${BUDGET_BYTES} allowed`);
if (files.length === 0 || total > BUDGET_BYTES) {
  console.error(files.length === 0 ? "dist is empty: run `npm run build` first" : "the first load is too large");
  process.exit(1);
}
