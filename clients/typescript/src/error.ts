import { Code, ConnectError } from "@connectrpc/connect";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb";
import { ErrorReason } from "./gen/warung/error/v1/error_reason_pb";

/** The machine-readable reason of an error, as `ErrorInfo` carries it: `VIP_REQUIRED`, `RATE_LIMITED` and so on. */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED"> | "CANCELED";

/** A field of the request that breaks its limits. */
export interface Violation {
  /** Path of the field, such as `page_size`. */
  readonly field: string;
  /** What is wrong with it, in English, for developers. */
  readonly description: string;
}

const DOMAIN = "warung";

/** A call that failed. Front ends choose their words by `reason`; `message` is English and for developers. */
export class WarungError extends Error {
  override readonly name = "WarungError";

  constructor(
    /** Why it failed. */
    readonly reason: Reason,
    message: string,
    /** When to try again, in milliseconds from now; absent when the server named no time. */
    readonly retryAfterMs?: number,
    /** What the error says besides its reason. */
    readonly metadata: Readonly<Record<string, string>> = {},
    /** All fields that break their limits. */
    readonly violations: readonly Violation[] = [],
    options?: { cause: unknown },
  ) {
    super(message, options);
  }
}

/** Makes a `WarungError` of whatever a call threw. */
export function errorFrom(thrown: unknown): WarungError {
  if (thrown instanceof WarungError) {
    return thrown;
  }
  const error = ConnectError.from(thrown);
  // Connect wraps what an interceptor throws.
  if (error.cause instanceof WarungError) {
    return error.cause;
  }
  const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === DOMAIN);
  const violations = error
    .findDetails(BadRequestSchema)
    .flatMap((detail) => detail.fieldViolations)
    .map(({ field, description }) => ({ field, description }));
  return new WarungError(
    knownReason(info?.reason) ?? reasonOfCode(error.code),
    error.rawMessage,
    retryAfterMs(error),
    info?.metadata ?? {},
    violations,
    { cause: thrown },
  );
}

function knownReason(reason: string | undefined): Reason | undefined {
  return reason !== undefined && reason !== "UNSPECIFIED" && reason in ErrorReason ? (reason as Reason) : undefined;
}

/** For statuses that are not the core's own (no connection, a proxy's answer), and reasons newer than this client. */
function reasonOfCode(code: Code): Reason {
  switch (code) {
    case Code.Canceled:
      return "CANCELED";
    case Code.Unavailable:
      return "UNAVAILABLE";
    case Code.DeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code.ResourceExhausted:
      return "RATE_LIMITED";
    case Code.Unauthenticated:
      return "UNAUTHENTICATED";
    case Code.PermissionDenied:
      return "FORBIDDEN";
    case Code.NotFound:
      return "NOT_FOUND";
    case Code.InvalidArgument:
      return "INVALID_ARGUMENT";
    case Code.Aborted:
      return "CONFLICT";
    case Code.Unimplemented:
      return "UNIMPLEMENTED";
    default:
      return "INTERNAL";
  }
}

function retryAfterMs(error: ConnectError): number | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay !== undefined) {
    return Number(delay.seconds) * 1000 + Math.ceil(delay.nanos / 1_000_000);
  }
  const header = error.metadata.get("retry-after");
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
