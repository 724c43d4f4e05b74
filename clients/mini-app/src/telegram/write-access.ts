import type { Warung } from "@warung/client";
import { ContactState } from "@warung/client/gen/warung/identity/v1/identity_service_pb";

import type { Telegram } from "./bridge";

const REFUSED = "warung.write_access_refused";

/** Asks the user to let the bot write; answers whether it may. */
export type WriteAccess = () => Promise<boolean>;

/** The parts of Telegram that asking needs. */
type Asking = Pick<Telegram, "launch" | "canRequestWriteAccess" | "requestWriteAccess">;

/** Asks for write access, unless the user has refused it before: then the link does it, and they are not asked twice. */
export function writeAccess(telegram: Asking, kept: Storage | undefined): WriteAccess | undefined {
  return kept?.getItem(REFUSED) === telegram.launch.userId ? undefined : askForWriteAccess(telegram, kept);
}

/** Asks for write access each time, for what the user presses a button of its own for. Absent where the client can't ask. */
export function askForWriteAccess(telegram: Asking, kept: Storage | undefined): WriteAccess | undefined {
  if (!telegram.canRequestWriteAccess) {
    return undefined;
  }
  return async () => {
    const answer = await telegram.requestWriteAccess();
    if (answer === "refused") {
      kept?.setItem(REFUSED, telegram.launch.userId);
    }
    return answer === "allowed";
  };
}

/**
 * Sees to it that the bot may write: asks the user where it may not yet. Telegram answers at once, without a question, where
 * they have allowed it before. `unknown`: they can't be asked, and nobody knows.
 */
export async function letBotWrite(
  warung: Pick<Warung, "signIn">,
  ask: WriteAccess | undefined,
): Promise<"allowed" | "refused" | "unknown"> {
  const contact = (await warung.signIn().catch(() => undefined))?.user?.contactState;
  if (contact === ContactState.OPEN) {
    return "allowed";
  }
  if (ask === undefined) {
    return "unknown";
  }
  return (await ask()) ? "allowed" : "refused";
}
