// Fails when the first load or a part that is loaded later is over its budget on the wire, when a file lacks the compressed forms
// that the edge sends, or when a script is written in words that the oldest browser can't read.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { parse } from "acorn";

/** What is loaded before the films are seen: the page, its scripts and its styles, as they are sent. */
const FIRST_LOAD_BYTES = 100 * 1000;
/** All that is loaded later together, as it is sent: a buyer on a slow line loads most of it on the way to the QR code. */
const LATER_BYTES = 60 * 1000;
// What Chromium 80 reads is all of ECMAScript 2020, and nothing of 2021.
const ECMA_VERSION = 2020;

/** A file of fewer bytes has no compressed form: it is sent as it is. */
const COMPRESSED_FROM_BYTES = 1024;

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const all = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length + 1).replaceAll("\\", "/"));
const files = all.filter((file) => !/\.(br|gz)$/.test(file));
if (!files.includes("index.html")) {
  console.error("dist is empty: run `npm run build` first");
  process.exit(1);
}

/** The scripts that a script imports before it runs; what it imports while it runs is loaded later. */
function importsOf(script, text) {
  const { body } = parse(text, { ecmaVersion: ECMA_VERSION, sourceType: "module" });
  return body
    .filter(({ source }) => source)
    .map(({ source }) => posix.join(posix.dirname(script), source.value));
}

const contents = new Map(files.map((file) => [file, readFileSync(join(dist, file))]));
const imports = new Map(
  files.filter((file) => file.endsWith(".js")).map((file) => [file, importsOf(file, contents.get(file).toString("utf8"))]),
);

const first = new Set(["index.html"]);
const queue = [...contents.get("index.html").toString("utf8").matchAll(/(?:src|href)="\.?\/?([^":]+)"/g)].map(([, file]) => file);
for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
  if (contents.has(file) && !first.has(file)) {
    first.add(file);
    queue.push(...(imports.get(file) ?? []));
  }
}

/** How many bytes of a file are sent to who takes this encoding: `br`, as web views do over https, or only `gz`. */
function sent(file, encoding) {
  if (all.includes(`${file}.${encoding}`)) {
    return readFileSync(join(dist, `${file}.${encoding}`)).length;
  }
  // The page itself is compressed as it is sent, at the fastest level.
  return file === "index.html" ? gzipSync(contents.get(file), { level: 1 }).length : contents.get(file).length;
}

/** Tells the sizes of some files, and answers whether they keep to their budget together in either encoding. */
function within(title, chosen, budget) {
  console.log(`${title}:\n     br      gz`);
  const line = (brotli, gzip, text) => console.log(`${String(brotli).padStart(7)} ${String(gzip).padStart(7)}  ${text}`);
  const total = { br: 0, gz: 0 };
  for (const file of chosen) {
    const [brotli, gzip] = [sent(file, "br"), sent(file, "gz")];
    total.br += brotli;
    total.gz += gzip;
    line(brotli, gzip, file);
  }
  line(total.br, total.gz, `in all, as they are sent; ${budget} allowed\n`);
  return Math.max(total.br, total.gz) <= budget;
}

const bare = files.filter((file) => file.startsWith("assets/") && contents.get(file).length >= COMPRESSED_FROM_BYTES)
  .filter((file) => !all.includes(`${file}.br`) || !all.includes(`${file}.gz`));
if (bare.length > 0) {
  console.error(`these are not there in a compressed form: ${bare.join(", ")}`);
  process.exit(1);
}

const fits = [
  within("first load", files.filter((file) => first.has(file)), FIRST_LOAD_BYTES),
  within("later, page by page", files.filter((file) => !first.has(file)), LATER_BYTES),
];
if (fits.includes(false)) {
  console.error("a part of the app is too large");
  process.exit(1);
}
