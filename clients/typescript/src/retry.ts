import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

import { errorFrom } from "./error";

/** How calls that the server could not answer are repeated. */
export interface RetryPolicy {
  /** How often a call is sent at most, the first time included. */
  readonly attempts: number;
  /** The upper bound of the first pause in milliseconds; it doubles with each pause. */
  readonly firstPauseMs: number;
  /** No pause is longer, in milliseconds. A server that asks for more gets no retry: the caller is told. */
  readonly longestPauseMs: number;
  /** From 0 up to 1: where between half and all of its bound a pause lies, so that clients do not come back together. */
  readonly random: () => number;
  /** Waits; rejects when the signal is aborted meanwhile. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Four attempts within about three seconds. */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 4,
  firstPauseMs: 300,
  longestPauseMs: 3000,
  random: Math.random,
  sleep,
};

/**
 * Sends a call again when the answer was UNAVAILABLE, and nothing else. The message is the same, `request_id` included, so
 * that a change whose answer was lost is not made twice.
 */
export function retryUnavailable(policy: RetryPolicy): Interceptor {
  return (next) => async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await next(request);
      } catch (thrown) {
        const error = ConnectError.from(thrown);
        if (error.code !== Code.Unavailable || attempt >= policy.attempts || request.signal.aborted) {
          throw error;
        }
        const bound = Math.min(policy.firstPauseMs * 2 ** (attempt - 1), policy.longestPauseMs);
        const pauseMs = Math.max(bound * (0.5 + policy.random() / 2), errorFrom(error).retryAfterMs ?? 0);
        if (pauseMs > policy.longestPauseMs) {
          throw error;
        }
        await policy.sleep(pauseMs, request.signal);
      }
    }
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new ConnectError("the call was cancelled", Code.Canceled));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
