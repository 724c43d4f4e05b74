import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createConnectRouter, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";

import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb";
import { createWarung, type Warung, type WarungOptions } from "../src/index";
import { IdentityService } from "../src/gen/warung/identity/v1/identity_service_pb";


/** An error as the core makes it. */
export function refusal(reason: string, code: Code): ConnectError {
  return new ConnectError("refused", code, undefined, [
    { desc: ErrorInfoSchema, value: { reason, domain: "warung", metadata: { hint: "h" } } },
  ]);
}

/** Refuses a call without the session `s{n}` that CreateSession gave last. */
export class Sessions {
  made = 0;
  readonly seen: (string | null)[] = [];

  register(router: ConnectRouter): void {
    router.rpc(IdentityService.method.createSession, () => {
      this.made += 1;
      return { sessionToken: `s${this.made}`, expireTime: timestampFromMs(0), user: { userId: "usr_1" } };
    });
  }

  check(context: HandlerContext): void {
    const authorization = context.requestHeader.get("authorization");
    this.seen.push(authorization);
    if (authorization !== `Bearer s${this.made}`) {
      throw refusal("SESSION_EXPIRED", Code.Unauthenticated);
    }
  }
}

/** A client of a real grpc-web server that lives in this process: bytes, frames and trailers are real. */
export function clientOf(routes: (router: ConnectRouter) => void, options: Partial<WarungOptions> = {}): Warung {
  const router = createConnectRouter({ grpc: false, connect: false });
  routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, createFetchHandler(handler)]));
  return createWarung({
    baseUrl: "http://shop.test",
    auth: { initData: "query_id=1&hash=2" },
    retry: { sleep: () => Promise.resolve(), random: () => 0 },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return (await handlers.get(new URL(request.url).pathname)?.(request)) ?? new Response(null, { status: 404 });
    },
    ...options,
  });
}
