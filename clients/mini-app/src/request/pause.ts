/**
 * Waits, and while the page is hidden waits on: the user is in the chat, and nothing is asked of the phone meanwhile. Ends at
 * once when they come back, so that the page they return to is already right.
 */
export function pauseUntilSeen(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("focus", done);
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
    signal.addEventListener("abort", done);
    if (signal.aborted) {
      done();
    }
  });
}
