import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { compressed } from "./scripts/compressed.ts";

export default defineConfig({
  // Works below any path: /app/ on the edge, / on a host of static files.
  base: "./",
  plugins: [svelte(), compressed()],
  build: {
    // Chromium 80 is the oldest web view that the app promises to run in. On iPhones that is iOS 14, the first with all of
    // ECMAScript 2020; without its name here the lines with `-webkit-` that only iPhones need are taken out of the styles.
    target: ["es2020", "chrome80", "ios14"],
    cssTarget: ["chrome80", "ios14"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
