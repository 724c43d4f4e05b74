import { create, type DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type CallOptions, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { errorFrom, WarungError } from "./error";
import { CreateSessionRequestSchema, IdentityService, type CreateSessionResponse } from "./gen/warung/identity/v1/identity_service_pb";
import { LibraryService } from "./gen/warung/library/v1/library_service_pb";
import { MembershipService } from "./gen/warung/membership/v1/membership_service_pb";
import { OperationsService } from "./gen/warung/operations/v1/operations_service_pb";
import { defaultRetryPolicy, retryUnavailable, type RetryPolicy } from "./retry";
import { authorize, authorizeByKey, Session, type Auth } from "./session";

/** How to reach a store. */
export interface WarungOptions {
  /** Address of the edge, such as `https://shop.example`; without a trailing slash. */
  readonly baseUrl: string;
  /** Whom the client speaks for; without it only what is open to anyone can be called. */
  readonly auth?: Auth;
  /** How long a call may take, retries included, in milliseconds: 15,000 by default. A call's own `timeoutMs` wins. */
  readonly timeoutMs?: number;
  /** How unavailable calls are repeated. */
  readonly retry?: Partial<RetryPolicy>;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** A store, as one user, a program with an API key, or nobody sees it. Every method rejects with a `WarungError`. */
export interface Warung {
  /** Sessions and the signed-in user. */
  readonly identity: Client<typeof IdentityService>;
  /** Films. */
  readonly library: Client<typeof LibraryService>;
  /** The signed-in user's membership; for an API key, that of a user for whom it has placed an order. */
  readonly membership: Client<typeof MembershipService>;
  /** What the store is, and its settings. */
  readonly operations: Client<typeof OperationsService>;
  /** There is somebody to sign in: init data was given. */
  readonly canSignIn: boolean;
  /** Signs in, or answers the session there is. Calls do this by themselves when they need it. */
  signIn(): Promise<CreateSessionResponse>;
  /**
   * Any other service, such as `warung.service(OrderService)`. Its generated code comes with its descriptor: a page that
   * loads the descriptor late does not pay for it before.
   */
  service<T extends DescService>(service: T): Client<T>;
}

/** Connects to a store. Make one for the life of the page. */
export function createWarung(options: WarungOptions): Warung {
  const retry = retryUnavailable({ ...defaultRetryPolicy, ...options.retry });
  const connect = <T extends DescService>(service: T, ...interceptors: Interceptor[]): Client<T> =>
    typed(
      createClient(
        service,
        createGrpcWebTransport({
          baseUrl: options.baseUrl,
          defaultTimeoutMs: options.timeoutMs ?? 15_000,
          fetch: honest(options.fetch ?? ((...call) => globalThis.fetch(...call))),
          interceptors,
        }),
      ),
    );

  const { auth } = options;
  const initData = auth && "initData" in auth ? auth.initData : undefined;
  const open = connect(IdentityService, retry);
  const session = new Session(
    initData ? () => open.createSession(create(CreateSessionRequestSchema, { initData })) : undefined,
  );
  const authorized = auth && "apiKey" in auth ? authorizeByKey(auth.apiKey) : authorize(session);
  return {
    identity: connect(IdentityService, authorized, retry),
    library: connect(LibraryService, authorized, retry),
    membership: connect(MembershipService, authorized, retry),
    operations: connect(OperationsService, authorized, retry),
    canSignIn: session.possible,
    signIn: () => session.signIn(),
    service: (service) => connect(service, authorized, retry),
  };
}

/** Gives failures of `fetch` the codes that gRPC has for them. */
function honest(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    let response: Response;
    try {
      response = await fetch(input, init);
    } catch (thrown) {
      // An abort stays one; whatever else fetch throws means that no answer came.
      if (init?.signal?.aborted) {
        throw thrown;
      }
      throw new ConnectError("no connection", Code.Unavailable, undefined, undefined, thrown);
    }
    // gRPC reads a 429 as UNAVAILABLE, which would be retried at once: the worst answer to it.
    if (response.status === 429 && !response.headers.has("grpc-status")) {
      throw new ConnectError("too many calls", Code.ResourceExhausted, response.headers);
    }
    return response;
  };
}

type Method = (request: unknown, options?: CallOptions) => Promise<unknown>;

/** Makes every method reject with a `WarungError`. The API has unary methods alone. */
function typed<T extends DescService>(client: Client<T>): Client<T> {
  const methods = Object.entries(client as Record<string, Method>).map(([name, call]): [string, Method] => [
    name,
    async (request, options) => {
      try {
        return await call(request, options);
      } catch (thrown) {
        throw explained(errorFrom(thrown), options?.signal);
      }
    },
  ]);
  return Object.fromEntries(methods) as Client<T>;
}

/** Chromium before 98 drops the reason of an abort: a deadline looks as if the caller had given up. */
function explained(error: WarungError, signal: AbortSignal | undefined): WarungError {
  return error.reason === "CANCELED" && !signal?.aborted
    ? new WarungError("DEADLINE_EXCEEDED", "the call took too long", undefined, {}, [], { cause: error })
    : error;
}
