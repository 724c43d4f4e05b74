import { WarungError, type Membership, type Reason, type Warung } from "@warung/client";
import { writable, type Readable } from "svelte/store";

/** The user's membership, as the pages know it. */
export interface MembershipStore extends Readable<Membership | undefined> {
  /** Asks for it; answers why it did not come. What was known stays then. */
  load(): Promise<Reason | undefined>;
}

/** A membership that nobody has asked for yet. */
export function membershipStore(service: Pick<Warung["membership"], "getMembership">): MembershipStore {
  const { subscribe, set } = writable<Membership | undefined>();
  return {
    subscribe,
    async load() {
      try {
        const { membership } = await service.getMembership({});
        set(membership);
        return undefined;
      } catch (thrown) {
        if (!(thrown instanceof WarungError)) {
          throw thrown;
        }
        return thrown.reason;
      }
    },
  };
}
