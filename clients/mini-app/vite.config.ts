import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  // Works below any path: /app/ on the edge, / on a host of static files.
  base: "./",
  plugins: [svelte()],
  build: {
    // Chromium 80 is the oldest web view that the app promises to run in.
    target: ["es2020", "chrome80"],
    cssTarget: "chrome80",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
