import type { Interceptor } from "@connectrpc/connect";
import { getOption, hasOption, type DescMethod } from "@bufbuild/protobuf";

import { errorFrom, WarungError } from "./error";
import { access, Role } from "./gen/warung/access/v1/access_pb";
import type { CreateSessionResponse } from "./gen/warung/identity/v1/identity_service_pb";

/** Whom the client speaks for. */
export type Auth =
  | {
      /** `Telegram.WebApp.initData`, raw. A secret of the user; it is sent once for each session. */
      readonly initData: string;
    }
  | {
      /** The key of a program: `wrg_…`. A secret of the store; it never belongs into a page. */
      readonly apiKey: string;
    };

/** The session of the user: made when it is first needed, and made anew when it has ended. */
export class Session {
  #created: CreateSessionResponse | undefined;
  #creating: Promise<CreateSessionResponse> | undefined;

  constructor(private readonly create: (() => Promise<CreateSessionResponse>) | undefined) {}

  /** There is somebody to sign in. */
  get possible(): boolean {
    return this.create !== undefined;
  }

  /** The token of the session that was made, if one was. */
  get token(): string | undefined {
    return this.#created?.sessionToken;
  }

  /** The session; callers at the same time share one call. */
  async signIn(): Promise<CreateSessionResponse> {
    if (this.create === undefined) {
      throw new WarungError("UNAUTHENTICATED", "the client has no init data to sign in with");
    }
    if (this.#created !== undefined) {
      return this.#created;
    }
    this.#creating ??= this.create().finally(() => {
      this.#creating = undefined;
    });
    this.#created = await this.#creating;
    return this.#created;
  }

  /** Forgets the session of this token; one that somebody made meanwhile stays. */
  forget(token: string): void {
    if (this.#created?.sessionToken === token) {
      this.#created = undefined;
    }
  }
}

/** Anyone may call the method, signed in or not, by its own declaration in the proto file. */
export function isOpenToAnyone(method: DescMethod): boolean {
  return hasOption(method, access) && getOption(method, access).roles.includes(Role.ANYONE);
}

/** Calls with an API key. The store refuses one to what declares no scope, and what is open to anyone needs none. */
export function authorizeByKey(apiKey: string): Interceptor {
  return (next) => (request) => {
    const { method } = request;
    const scoped = hasOption(method, access) && getOption(method, access).scopes.length > 0;
    if (scoped || !isOpenToAnyone(method)) {
      request.header.set("authorization", `Bearer ${apiKey}`);
    }
    return next(request);
  };
}

/** Signs the user in where a method needs it, and once more when the server says that the session has ended. */
export function authorize(session: Session): Interceptor {
  return (next) => async (request) => {
    const open = isOpenToAnyone(request.method);
    for (let renewed = false; ; renewed = true) {
      const token = open ? session.token : (await session.signIn()).sessionToken;
      if (token === undefined) {
        request.header.delete("authorization");
      } else {
        request.header.set("authorization", `Bearer ${token}`);
      }
      try {
        return await next(request);
      } catch (thrown) {
        const { reason } = errorFrom(thrown);
        if (renewed || token === undefined || (reason !== "SESSION_EXPIRED" && reason !== "SESSION_INVALID")) {
          throw thrown;
        }
        session.forget(token);
      }
    }
  };
}
