import type { IconName } from "../components/Icon.svelte";
import { fill, wordsOfError, type Words } from "../words";
import type { RequestState } from "./film-request";

/** What a button below a request's state does. */
export type RequestAction = "open_chat" | "open_link" | "open_plans" | "close";

/** A request's state in words. */
export interface RequestView {
  readonly tone: "good" | "waiting" | "attention";
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
  /** The next step that is offered. */
  readonly action?: { readonly kind: RequestAction; readonly label: string; readonly testid: string };
  /** The button that asks for the film is shown too. */
  readonly canAsk: boolean;
}

/** How a state is shown; none while there is nothing to say. `botLink` is empty while the store is not known. */
export function viewOf(state: RequestState, words: Words, botLink: string, now: number): RequestView | undefined {
  switch (state.kind) {
    case "idle":
    case "sending":
      return undefined;
    case "asking":
      return { tone: "waiting", icon: "send", title: words.askingTitle, hint: words.askingHint, canAsk: false };
    case "queued":
      return { tone: "waiting", icon: "clock", title: words.queuedTitle, hint: words.queuedHint, canAsk: false };
    case "sent":
      return {
        tone: "good",
        icon: "check",
        title: words.sentTitle,
        hint: words.sentHint,
        action: { kind: "open_chat", label: words.openChat, testid: "open-chat" },
        canAsk: false,
      };
    case "need_start":
      return {
        tone: "attention",
        icon: "send",
        title: words.needStartTitle,
        hint: words.needStartHint,
        action: { kind: "open_link", label: words.needStartOpen, testid: "open-telegram" },
        canAsk: false,
      };
    case "link_expired":
      return { tone: "attention", icon: "clock", title: words.linkExpiredTitle, hint: words.linkExpiredHint, canAsk: true };
    case "vip_required":
      return {
        tone: "attention",
        icon: "star",
        title: words.vipRequiredTitle,
        hint: state.plans.length > 0 ? words.vipRequiredPlans : words.vipRequiredHint,
        action:
          state.plans.length > 0
            ? { kind: "open_plans", label: words.vipRequiredAll, testid: "open-vip" }
            : { kind: "open_link", label: words.vipRequiredOpen, testid: "open-vip" },
        canAsk: false,
      };
    case "failed":
      return { tone: "attention", icon: "alert", title: words.failedTitle, hint: words.failedHint, canAsk: true };
    case "limited": {
      const seconds = Math.max(1, Math.ceil((state.until - now) / 1000));
      return { tone: "attention", icon: "clock", title: words.limitedTitle, hint: fill(words.limitedHint, { seconds }), canAsk: false };
    }
    case "signed_out":
      return signedOut(state.reason, words, botLink);
    case "error":
      return { tone: "attention", icon: "alert", ...wordsOfError(words, state.reason), canAsk: state.reason !== "NOT_FOUND" };
  }
}

function signedOut(reason: "outside" | "expired", words: Words, botLink: string): RequestView {
  if (reason === "expired") {
    return {
      tone: "attention",
      icon: "clock",
      title: words.sessionTitle,
      hint: words.sessionHint,
      action: { kind: "close", label: words.closeApp, testid: "close-app" },
      canAsk: false,
    };
  }
  return {
    tone: "attention",
    icon: "send",
    title: words.outsideTitle,
    hint: words.outsideHint,
    ...(botLink && { action: { kind: "open_link", label: words.outsideOpen, testid: "open-bot" } as const }),
    canAsk: false,
  };
}
