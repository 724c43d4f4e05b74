import { defineConfig } from "vitest/config";

/** The tests that need a running store; `cargo test --test clients` starts one for them. */
export default defineConfig({ test: { include: ["test/live.ts", "test/live-order.ts"] } });
