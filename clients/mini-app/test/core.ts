import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { errorFrom, WarungError, type Reason, type TitleRequest_State } from "@warung/client";
import { TitleRequestSchema } from "@warung/client/gen/warung/library/v1/library_pb";
import {
  FollowTitleRequestResponseSchema,
  RequestTitleResponseSchema,
  type FollowTitleRequestRequest,
  type RequestTitleRequest,
} from "@warung/client/gen/warung/library/v1/library_service_pb";
import { get } from "svelte/store";

import { FilmRequest, type RequestState, type Surroundings } from "../src/request/film-request";

type Answer = MessageInitShape<typeof TitleRequestSchema> | Reason | WarungError;

/** An answer of the core with this state. */
export function answer(state: TitleRequest_State, more: MessageInitShape<typeof TitleRequestSchema> = {}): Answer {
  return { titleRequestId: "req_1", state, ...more };
}

/** A core that gives these answers one after another, and a clock that moves when somebody waits. */
export class Core {
  readonly asked: RequestTitleRequest[] = [];
  readonly followed: FollowTitleRequestRequest[] = [];
  readonly shown: string[] = [];
  pauses = 0;
  clock = 1_000_000;
  /** How long the core takes for a follow-up, in milliseconds. */
  followTakes = 0;

  constructor(
    private readonly answers: Answer[],
    private readonly follows: Answer[] = [],
  ) {}

  /** A request against it. */
  request(more: Partial<Surroundings> = {}): FilmRequest {
    const library = {
      requestTitle: async (message: RequestTitleRequest, options?: { signal?: AbortSignal }) => {
        this.asked.push(message);
        return create(RequestTitleResponseSchema, { titleRequest: await next(this.answers, options?.signal) });
      },
      followTitleRequest: async (message: FollowTitleRequestRequest, options?: { signal?: AbortSignal }) => {
        this.followed.push(message);
        this.clock += this.followTakes;
        return create(FollowTitleRequestResponseSchema, { titleRequest: await next(this.follows, options?.signal) });
      },
    };
    const request = new FilmRequest({
      library: library as unknown as Surroundings["library"],
      canSignIn: true,
      requestWriteAccess: undefined,
      now: () => this.clock,
      pause: (ms) => {
        this.pauses += 1;
        this.clock += ms;
        return Promise.resolve();
      },
      ...more,
    });
    request.state.subscribe((state: RequestState) => this.shown.push(state.kind));
    return request;
  }
}

/** What the request shows. */
export function stateOf(request: FilmRequest): RequestState {
  return get(request.state);
}

/** The next answer; when there is none, one that never comes, as long as nobody gives up. */
async function next(answers: Answer[], signal: AbortSignal | undefined): Promise<MessageInitShape<typeof TitleRequestSchema>> {
  const found = answers.shift();
  if (found === undefined) {
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(errorFrom(new DOMException("aborted", "AbortError"))));
    });
  }
  if (found instanceof WarungError) {
    throw found;
  }
  if (typeof found === "string") {
    throw new WarungError(found, "refused");
  }
  return found;
}
