import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb";
import { IdentityService } from "../src/gen/warung/identity/v1/identity_service_pb";
import { TitleRequest_State } from "../src/gen/warung/library/v1/library_pb";
import { LibraryService } from "../src/gen/warung/library/v1/library_service_pb";
import { MembershipService } from "../src/gen/warung/membership/v1/membership_service_pb";
import { OperationsService } from "../src/gen/warung/operations/v1/operations_service_pb";
import { OrderService } from "../src/gen/warung/order/v1/order_service_pb";
import { OrderState } from "../src/gen/warung/order/v1/order_pb";
import { PaymentMethod } from "../src/gen/warung/payment/v1/payment_pb";
import { newRequestId, placeOrder, waitUntilPaid, WarungError } from "../src/index";
import { clientOf, refusal, Sessions } from "./server";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function failure(call: Promise<unknown>): Promise<WarungError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(WarungError);
  return thrown as WarungError;
}

describe("an API key", () => {
  it("goes where a scope is declared, and not to what is open to anyone without", async () => {
    const seen: (string | null)[] = [];
    const warung = clientOf(
      (router) => {
        router.rpc(LibraryService.method.listTitles, (_request, context) => {
          seen.push(context.requestHeader.get("authorization"));
          return {};
        });
        router.rpc(OperationsService.method.getStore, (_request, context) => {
          seen.push(context.requestHeader.get("authorization"));
          return {};
        });
        router.rpc(MembershipService.method.getMembership, (_request, context) => {
          seen.push(context.requestHeader.get("authorization"));
          return {};
        });
      },
      { auth: { apiKey: "wrg_k" } },
    );
    await warung.library.listTitles({});
    await warung.operations.getStore({});
    await warung.membership.getMembership({ telegramId: 7n });
    expect(seen).toEqual(["Bearer wrg_k", null, "Bearer wrg_k"]);
    expect(warung.canSignIn).toBe(false);
  });
});

describe("orders", () => {
  const states = (...list: OrderState[]) => {
    const asked: bigint[] = [];
    const warung = clientOf(
      (router) => {
        router.rpc(OrderService.method.placeOrder, ({ items, buyerTelegramId, paymentMethod }) => {
          expect(items.map((item) => [item.productId, item.quantity])).toEqual([["kopi", 2]]);
          expect([buyerTelegramId, paymentMethod]).toEqual([42n, PaymentMethod.QRIS]);
          return { order: { orderId: "ord_1", state: OrderState.PENDING, version: 1n } };
        });
        router.rpc(OrderService.method.followOrder, ({ knownVersion }) => {
          asked.push(knownVersion);
          return { order: { orderId: "ord_1", state: list.shift() ?? OrderState.PENDING, version: knownVersion + 1n } };
        });
      },
      { auth: { apiKey: "wrg_k" } },
    );
    return { asked, warung };
  };

  it("are followed until they are paid", async () => {
    const { asked, warung } = states(OrderState.PENDING, OrderState.PENDING, OrderState.COMPLETED);
    const order = await placeOrder(warung, { items: { kopi: 2 }, buyerTelegramId: 42n });
    expect((await waitUntilPaid(warung, order)).state).toBe(OrderState.COMPLETED);
    expect(asked).toEqual([1n, 2n, 3n]);
  });

  it("that end unpaid, or take too long, are told", async () => {
    const { warung } = states(OrderState.EXPIRED);
    const order = await placeOrder(warung, { items: { kopi: 2 }, buyerTelegramId: 42n });
    expect((await failure(waitUntilPaid(warung, order))).reason).toBe("ORDER_NOT_PAYABLE");
    expect((await failure(waitUntilPaid(warung, order, { timeoutMs: 0 }))).reason).toBe("DEADLINE_EXCEEDED");
  });
});

describe("sessions", () => {
  it("what is open to anyone needs no sign-in", async () => {
    const sessions = new Sessions();
    const warung = clientOf((router) => {
      sessions.register(router);
      router.rpc(LibraryService.method.listTitles, (_request, context) => {
        sessions.seen.push(context.requestHeader.get("authorization"));
        return { titles: [{ titleId: "ttl_1", name: "Senja <&> 🎬" }] };
      });
    });
    const { titles } = await warung.library.listTitles({});
    expect(titles.map((title) => title.name)).toEqual(["Senja <&> 🎬"]);
    expect(sessions.made).toBe(0);
    expect(sessions.seen).toEqual([null]);
  });

  it("calls at the same time share one sign-in", async () => {
    const sessions = new Sessions();
    const warung = clientOf((router) => {
      sessions.register(router);
      router.rpc(IdentityService.method.getMe, (_request, context) => {
        sessions.check(context);
        return { user: { userId: "usr_1" } };
      });
    });
    await Promise.all([warung.identity.getMe({}), warung.identity.getMe({}), warung.signIn()]);
    expect(sessions.made).toBe(1);
  });

  it("a session that ended is renewed once, for all calls that met it", async () => {
    const sessions = new Sessions();
    const warung = clientOf((router) => {
      sessions.register(router);
      router.rpc(IdentityService.method.getMe, (_request, context) => {
        sessions.check(context);
        return { user: { userId: "usr_1" } };
      });
    });
    await warung.signIn();
    sessions.made += 1; // The server knows another session: s1 has ended. The next sign-in gives s3.
    await Promise.all([warung.identity.getMe({}), warung.identity.getMe({})]);
    expect(sessions.made).toBe(3);
    expect(sessions.seen).toEqual(["Bearer s1", "Bearer s1", "Bearer s3", "Bearer s3"]);
  });

  it("a renewal that does not help is not repeated", async () => {
    const sessions = new Sessions();
    const warung = clientOf((router) => {
      sessions.register(router);
      router.rpc(IdentityService.method.getMe, () => {
        throw refusal("SESSION_EXPIRED", Code.Unauthenticated);
      });
    });
    expect((await failure(warung.identity.getMe({}))).reason).toBe("SESSION_EXPIRED");
    expect(sessions.made).toBe(2);
  });

  it("init data that is too old is told as such", async () => {
    const warung = clientOf((router) => {
      router.rpc(IdentityService.method.createSession, () => {
        throw refusal("INIT_DATA_EXPIRED", Code.Unauthenticated);
      });
    });
    expect((await failure(warung.identity.getMe({}))).reason).toBe("INIT_DATA_EXPIRED");
  });

  it("without init data a call that needs a user is refused without being sent", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const warung = clientOf(() => undefined, { auth: { initData: "" }, fetch });
    expect((await failure(warung.identity.getMe({}))).reason).toBe("UNAUTHENTICATED");
    expect(warung.canSignIn).toBe(false);
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe("retries", () => {
  it("an unavailable call is sent again with the same request id", async () => {
    const ids: string[] = [];
    const sessions = new Sessions();
    const warung = clientOf((router) => {
      sessions.register(router);
      router.rpc(LibraryService.method.requestTitle, (request) => {
        ids.push(request.requestId);
        if (ids.length < 3) {
          throw refusal("UNAVAILABLE", Code.Unavailable);
        }
        return { titleRequest: { state: TitleRequest_State.SENT } };
      });
    });
    const requestId = newRequestId();
    const { titleRequest } = await warung.library.requestTitle({ requestId, titleId: "ttl_1" });
    expect(titleRequest?.state).toBe(TitleRequest_State.SENT);
    expect(ids).toEqual([requestId, requestId, requestId]);
  });

  it("retries are bounded, and pauses grow up to a limit", async () => {
    const pauses: number[] = [];
    const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.reject(new TypeError("Failed to fetch")));
    const sleep = (ms: number): Promise<void> => {
      pauses.push(ms);
      return Promise.resolve();
    };
    const retry = { attempts: 5, firstPauseMs: 300, longestPauseMs: 1000, random: () => 1, sleep };
    const warung = clientOf(() => undefined, { fetch, retry });
    expect((await failure(warung.library.listTitles({}))).reason).toBe("UNAVAILABLE");
    expect(fetch).toHaveBeenCalledTimes(5);
    expect(pauses).toEqual([300, 600, 1000, 1000]);
  });

  it.each([
    ["RATE_LIMITED", Code.ResourceExhausted],
    ["CONFLICT", Code.Aborted],
    ["INTERNAL", Code.Internal],
    ["DEADLINE_EXCEEDED", Code.DeadlineExceeded],
  ])("%s is not sent again", async (reason, code) => {
    let calls = 0;
    const warung = clientOf((router) => {
      router.rpc(LibraryService.method.listTitles, () => {
        calls += 1;
        throw refusal(reason, code);
      });
    });
    expect((await failure(warung.library.listTitles({}))).reason).toBe(reason);
    expect(calls).toBe(1);
  });

  it("a pause ends at once when the caller gives up", async () => {
    const controller = new AbortController();
    const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.reject(new TypeError("Failed to fetch")));
    const warung = clientOf(() => undefined, { fetch, retry: { firstPauseMs: 60_000, longestPauseMs: 60_000 } });
    const call = failure(warung.library.listTitles({}, { signal: controller.signal }));
    await vi.waitFor(() => expect(fetch).toHaveBeenCalled());
    controller.abort();
    expect((await call).reason).toBe("CANCELED");
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe("errors", () => {
  it("carry reason, metadata, violations and the time to wait", async () => {
    const warung = clientOf((router) => {
      router.rpc(LibraryService.method.listTitles, () => {
        throw new ConnectError("slow down", Code.ResourceExhausted, undefined, [
          { desc: ErrorInfoSchema, value: { reason: "RATE_LIMITED", domain: "warung", metadata: { budget: "film" } } },
          { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(2500) } },
          { desc: BadRequestSchema, value: { fieldViolations: [{ field: "query", description: "too short" }] } },
        ]);
      });
    });
    const error = await failure(warung.library.listTitles({}));
    expect(error).toMatchObject({
      reason: "RATE_LIMITED",
      message: "slow down",
      retryAfterMs: 2500,
      metadata: { budget: "film" },
      violations: [{ field: "query", description: "too short" }],
    });
  });

  it("of another domain or newer than this client go by their code", async () => {
    const warung = clientOf((router) => {
      router.rpc(LibraryService.method.listTitles, () => {
        throw new ConnectError("no", Code.NotFound, undefined, [
          { desc: ErrorInfoSchema, value: { reason: "VIP_REQUIRED", domain: "proxy.test" } },
        ]);
      });
      router.rpc(LibraryService.method.getTitle, () => {
        throw refusal("SOMETHING_NEW", Code.NotFound);
      });
    });
    expect((await failure(warung.library.listTitles({}))).reason).toBe("NOT_FOUND");
    expect((await failure(warung.library.getTitle({}))).reason).toBe("NOT_FOUND");
  });

  it("a 429 of a proxy is a rate limit with its Retry-After", async () => {
    const fetch = (): Promise<Response> =>
      Promise.resolve(new Response(null, { status: 429, headers: { "retry-after": "7" } }));
    const error = await failure(clientOf(() => undefined, { fetch }).library.listTitles({}));
    expect(error).toMatchObject({ reason: "RATE_LIMITED", retryAfterMs: 7000 });
  });

  it("a call that takes too long is told so", async () => {
    const fetch: typeof globalThis.fetch = (_input, init) =>
      new Promise((_resolve, reject) => {
        // As Chromium 80 does it: the reason of the abort is lost.
        init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    const error = await failure(clientOf(() => undefined, { fetch, timeoutMs: 20 }).library.listTitles({}));
    expect(error.reason).toBe("DEADLINE_EXCEEDED");
  });
});

describe("request ids", () => {
  it("are random UUIDs, in old browsers too", () => {
    expect(newRequestId()).toMatch(UUID);
    const modern = vi.spyOn(crypto, "randomUUID");
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    const ids = new Set(Array.from({ length: 100 }, newRequestId));
    modern.mockRestore();
    expect(ids.size).toBe(100);
    for (const id of ids) {
      expect(id).toMatch(UUID);
    }
  });
});
