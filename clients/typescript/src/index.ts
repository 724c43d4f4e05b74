/** Client of a Warung store over grpc-web: generated code, and a small face for sessions, retries and errors. */
export { errorFrom, WarungError, type Reason, type Violation } from "./error";
export { placeOrder, waitUntilPaid, type NewOrder } from "./orders";
export { newRequestId } from "./request-id";
export { defaultRetryPolicy, type RetryPolicy } from "./retry";
export { type Auth } from "./session";
export type { Client } from "@connectrpc/connect";
export { createWarung, type Warung, type WarungOptions } from "./warung";
export type { CreateSessionResponse, User } from "./gen/warung/identity/v1/identity_service_pb";
export {
  EpisodeAccess,
  TitleRequest_State,
  type Category,
  type Episode,
  type Title,
  type TitleRequest,
} from "./gen/warung/library/v1/library_pb";
export type { ListTitlesResponse } from "./gen/warung/library/v1/library_service_pb";
export type { Membership } from "./gen/warung/membership/v1/membership_service_pb";
export type { GetStoreResponse } from "./gen/warung/operations/v1/operations_service_pb";
