import { WarungError } from "@warung/client";

/** What failed so is worth asking again: what was asked for may be on its way all the same. */
export function passes(thrown: unknown): boolean {
  return (
    thrown instanceof WarungError &&
    ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RATE_LIMITED", "INTERNAL", "CONFLICT", "CANCELED"].includes(thrown.reason)
  );
}
