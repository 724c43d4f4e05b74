/**
 * Waits, and while the page is hidden waits on: the user is in the chat, and nothing is asked of the phone meanwhile. Ends at
 * once when they or the connection come back, so that the page they return to is already right.
 */
export function pauseUntilSeen(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("focus", done);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const onVisible = (): void => {
      if (document.visibilityState === "visible") {
        done();
      }
    };
    const timer = setTimeout(onVisible, ms);
    document.addEventListener("visibilitychange", onVisible);
    window.addEventListener("focus", done);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) {
      done();
    }
  });
}

/** Waits until the page is seen; ends at once when it is, and when aborted. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.visibilityState === "visible" || signal.aborted) {
        document.removeEventListener("visibilitychange", look);
        signal.removeEventListener("abort", look);
        resolve();
      }
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
    look();
  });
}
