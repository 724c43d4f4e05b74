import { on, postEvent, setTargetOrigin, type EventName, type EventPayload, type MethodName } from "@tma.js/bridge";

import type { Launch } from "./launch";

/** Telegram's main button, below the page. */
export interface MainButton {
  readonly text: string;
  /** It can be pressed. */
  readonly active: boolean;
  /** It shows that something is going on. */
  readonly busy: boolean;
}

/** A part of the page that wants the main button. The latest one has it. */
export interface MainButtonClaim {
  /** Shows the button so, or hides it. */
  set(button: MainButton | undefined): void;
  /** Lets the claim go: the one before has the button again. */
  release(): void;
}

/** What a touch feels like. */
export type Haptic = "success" | "warning" | "error" | "selection";

/**
 * Telegram around the page. The messages are those of Telegram's own script, which is not loaded from its host: the app
 * starts without it, and works where that host does not answer. What the client's version lacks does nothing.
 */
export class Telegram {
  readonly #version: readonly number[];
  readonly #launch: Launch;
  readonly #claims: { button: MainButton | undefined }[] = [];
  #mainButton = "";
  #backButton = false;

  constructor(launch: Launch) {
    this.#launch = launch;
    this.#version = launch.version.split(".").map(Number);
    // The page around us may be any Telegram client's, and nothing that is sent to it is a secret.
    setTargetOrigin("*");
  }

  /** How the page was opened. */
  get launch(): Launch {
    return this.#launch;
  }

  /** The client speaks at least this version. */
  atLeast(version: `${number}.${number}`): boolean {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const [ourMajor = 0, ourMinor = 0] = this.#version;
    return ourMajor > major || (ourMajor === major && ourMinor >= minor);
  }

  /**
   * Tells Telegram that the page can be shown, and asks for all the height there is. Its buttons are set as the page wants them:
   * after a reload Telegram still shows those of the page before.
   */
  ready(): void {
    if (window.self !== window.top) {
      this.#post("iframe_ready", { reload_supported: true });
      this.on("reload_iframe", () => {
        this.#post("iframe_will_reload");
        window.location.reload();
      });
    }
    this.#mainButton = "";
    this.#showMainButton();
    if (this.atLeast("7.10")) {
      this.#post("web_app_setup_secondary_button", { is_visible: false });
    }
    this.setBackButton(this.#backButton);
    this.#post("web_app_ready");
    this.#post("web_app_expand");
    this.#post("web_app_request_theme");
    this.#post("web_app_request_viewport");
    if (this.atLeast("6.1")) {
      this.#post("web_app_set_header_color", { color_key: "bg_color" });
    }
    if (this.atLeast("8.0")) {
      this.#post("web_app_request_safe_area");
      this.#post("web_app_request_content_safe_area");
    }
  }

  /** Listens to an event; the answer ends that. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    return on(event, listener);
  }

  /** Claims the main button for a part of the page; `onPress` is called while the claim is the latest. */
  claimMainButton(onPress: () => void): MainButtonClaim {
    const claim: { button: MainButton | undefined } = { button: undefined };
    this.#claims.push(claim);
    const off = this.on("main_button_pressed", () => {
      if (claim === this.#claims[this.#claims.length - 1]) {
        onPress();
      }
    });
    return {
      set: (button) => {
        claim.button = button;
        this.#showMainButton();
      },
      release: () => {
        off();
        this.#claims.splice(this.#claims.indexOf(claim), 1);
        this.#showMainButton();
      },
    };
  }

  #showMainButton(): void {
    const button = this.#claims[this.#claims.length - 1]?.button;
    const parameters =
      button === undefined
        ? { is_visible: false }
        : { is_visible: true, text: button.text, is_active: button.active, is_progress_visible: button.busy };
    const shown = JSON.stringify(parameters);
    if (shown !== this.#mainButton) {
      this.#mainButton = shown;
      this.#post("web_app_setup_main_button", parameters);
    }
  }

  /** Shows the back button, or hides it. */
  setBackButton(visible: boolean): void {
    this.#backButton = visible;
    if (this.atLeast("6.1")) {
      this.#post("web_app_setup_back_button", { is_visible: visible });
    }
  }

  /** Lets the user feel what happened. */
  haptic(kind: Haptic): void {
    if (!this.atLeast("6.1")) {
      return;
    }
    this.#post(
      "web_app_trigger_haptic_feedback",
      kind === "selection" ? { type: "selection_change" } : { type: "notification", notification_type: kind },
    );
  }

  /** Opens a `https://t.me/…` link in Telegram. Before version 7.0 this closes the app. */
  openTelegramLink(link: string): void {
    const { hostname, pathname, search } = new URL(link);
    if (hostname !== "t.me" || !this.atLeast("6.1")) {
      this.openLink(link);
      return;
    }
    this.#post("web_app_open_tg_link", { path_full: pathname + search });
  }

  /** Opens a link in the user's browser. */
  openLink(link: string): void {
    this.#post("web_app_open_link", { url: link });
  }

  /** Closes the app: the user is back in the chat. */
  close(): void {
    this.#post("web_app_close");
  }

  /** The user can be asked to let the bot write. */
  get canRequestWriteAccess(): boolean {
    return this.atLeast("6.9");
  }

  /** Asks the user to let the bot write. `unknown`: no answer came within the time. */
  requestWriteAccess(timeoutMs = 60_000): Promise<"allowed" | "refused" | "unknown"> {
    return new Promise((resolve) => {
      const done = (answer: "allowed" | "refused" | "unknown"): void => {
        clearTimeout(timer);
        off();
        resolve(answer);
      };
      const timer = setTimeout(() => done("unknown"), timeoutMs);
      const off = on("write_access_requested", ({ status }) => done(status === "allowed" ? "allowed" : "refused"));
      this.#post("web_app_request_write_access");
    });
  }

  #post(method: MethodName, parameters?: object): void {
    try {
      (postEvent as (method: MethodName, parameters?: object) => void)(method, parameters);
    } catch {
      // The parameters of a launch stand in the address, but no Telegram is around the page: it goes on without.
    }
  }
}

/** Keeps the style sheet's `--tg-viewport-…` and `--tg-…-inset-…` as the client reports them. */
export function followViewport(telegram: Telegram, root: HTMLElement): void {
  telegram.on("viewport_changed", ({ height, is_state_stable }) => {
    root.style.setProperty("--tg-viewport-height", `${height}px`);
    if (is_state_stable) {
      root.style.setProperty("--tg-viewport-stable-height", `${height}px`);
    }
  });
  const inset = (name: string) => (sides: Readonly<Record<string, number>>) => {
    for (const side of ["top", "right", "bottom", "left"]) {
      root.style.setProperty(`--tg-${name}-${side}`, `${sides[side] ?? 0}px`);
    }
  };
  telegram.on("safe_area_changed", (sides) => inset("safe-area-inset")({ ...sides }));
  telegram.on("content_safe_area_changed", (sides) => inset("content-safe-area-inset")({ ...sides }));
}
