import type { Warung } from "@warung/client";
import { ContactState } from "@warung/client/gen/warung/identity/v1/identity_service_pb";
import { describe, expect, it } from "vitest";

import { askForWriteAccess, letBotWrite, writeAccess } from "../src/telegram/write-access";

/** A Telegram whose user gives these answers in turn. */
function telegram(...answers: ("allowed" | "refused" | "unknown")[]) {
  return {
    launch: { userId: "42" },
    canRequestWriteAccess: true,
    requestWriteAccess: () => Promise.resolve(answers.shift()),
  } as unknown as Parameters<typeof askForWriteAccess>[0];
}

function memory(): Storage {
  const items = new Map<string, string>();
  return { getItem: (key: string) => items.get(key) ?? null, setItem: (key: string, value: string) => void items.set(key, value) } as unknown as Storage;
}

const whose = (contactState: ContactState) =>
  ({ signIn: () => Promise.resolve({ user: { contactState } }) }) as unknown as Pick<Warung, "signIn">;

describe("letting the bot write", () => {
  it("who refused is asked again by a button of its own, and a refusal is never anything else", async () => {
    const [user, kept] = [telegram("refused", "refused", "allowed"), memory()];
    const never = whose(ContactState.NEVER_STARTED);
    const press = () => letBotWrite(never, askForWriteAccess(user, kept));
    expect([await press(), await press(), await press()]).toEqual(["refused", "refused", "allowed"]);
  });

  it("who refused is not asked again by a film: the link does it", async () => {
    const [user, kept] = [telegram("refused"), memory()];
    await expect(writeAccess(user, kept)?.()).resolves.toBe(false);
    expect(writeAccess(user, kept)).toBeUndefined();
  });

  it("who may be written to is not asked", async () => {
    await expect(letBotWrite(whose(ContactState.OPEN), askForWriteAccess(telegram(), memory()))).resolves.toBe("allowed");
  });

  it("who can't be asked is not known", async () => {
    await expect(letBotWrite(whose(ContactState.UNSPECIFIED), undefined)).resolves.toBe("unknown");
  });
});
