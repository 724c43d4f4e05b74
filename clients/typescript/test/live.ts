// A film requested from a live store. Who starts the store says where it is; `npm test` does not run this.
//
//   WARUNG_URL         its edge
//   WARUNG_INIT_DATA   raw init data of a user who has pressed Start and may watch the title
//   WARUNG_TITLE_CODE  code of the title

import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";

import { createWarung, newRequestId, TitleRequest_State, WarungError } from "../src/index";

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

function setting(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run \`cargo test --test clients\` in the project's folder`);
  }
  return value;
}

const baseUrl = setting("WARUNG_URL").replace(/\/$/, "");
const initData = setting("WARUNG_INIT_DATA");
const code = setting("WARUNG_TITLE_CODE");

test("a film that is requested is sent, once", { timeout: 60_000 }, async () => {
  const warung = createWarung({ baseUrl, auth: { initData } });
  const { sessionToken, user } = await warung.signIn();
  expect(sessionToken).not.toBe("");
  expect(user?.userId).toMatch(/^usr_/);

  const { titles } = await warung.library.listTitles({ pageSize: 100 });
  const title = titles.find((listed) => listed.code === code);
  expect(title?.titleId).toMatch(/^ttl_/);

  const wanted = { requestId: newRequestId(), titleId: title?.titleId ?? "", episodeNumber: 1 };
  let { titleRequest: request } = await warung.library.requestTitle(wanted);
  for (let looks = 0; request?.state === TitleRequest_State.QUEUED && looks < 3; looks += 1) {
    const { titleRequestId } = request;
    const following = { titleRequestId, wait: durationFromMs(10_000) };
    ({ titleRequest: request } = await warung.library.followTitleRequest(following, { timeoutMs: 20_000 }));
  }
  expect(request?.state).toBe(TitleRequest_State.SENT);

  // The same request id is the same request, however often it is sent.
  const { titleRequest: again } = await warung.library.requestTitle(wanted);
  expect(again?.titleRequestId).toBe(request?.titleRequestId);
});

test("a refusal carries its reason", async () => {
  const warung = createWarung({ baseUrl, auth: { initData } });
  const refused = await warung.library.getTitle({ titleId: "no-such-title" }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(WarungError);
  expect((refused as WarungError).reason).toBe("NOT_FOUND");
});

test("forged init data is refused", async () => {
  const forger = createWarung({ baseUrl, auth: { initData: initData.replace("hash=", "hash=0") } });
  const refused = await forger.identity.getMe({}).catch((error: unknown) => error);
  expect((refused as WarungError).reason).toBe("INIT_DATA_INVALID");
});
