import { expect, it } from "vitest";
import { createClient, type ClientOptions } from "../src/index.js";
import { createClient as createSseClient } from "../src/sse.js";

const good: ClientOptions = { url: "http://server.invalid/base", token: "t" };

it.each([
  ["no url", { url: "" }],
  ["a relative url where there is no page", { url: "/base" }],
  ["another protocol", { url: "ftp://server.invalid/" }],
  ["no token", { token: undefined }],
  ["a token of another type", { token: 7 }],
  ["a topic that would be two", { topics: ["book/7,user/2"] }],
  ["a topic without an id", { topics: ["book"] }],
  ["another transport", { transport: "carrier_pigeon" }],
  ["no time for a hello", { helloTimeoutMs: 0 }],
  ["a time that is none", { tokenTimeoutMs: Number.NaN }],
  ["no room for a message", { maxMessageLength: -1 }],
  ["no backoff", { backoff: { baseMs: 0 } }],
])("refuses %s when it is made, and says what it expected", (_name, bad) => {
  expect(() => createClient({ ...good, ...bad } as ClientOptions)).toThrow(
    expect.objectContaining({
      code: "invalid_option",
      message: expect.stringMatching(/^Expected .+, got/) as string,
    }),
  );
});

it("takes `undefined` for the default", () => {
  const client = createClient({
    ...good,
    helloTimeoutMs: undefined,
    clock: undefined,
    fetch: undefined,
    storage: undefined,
  });
  expect(client.state.get()).toMatchObject({ status: "idle", failures: 0 });
});

it("refuses a bad topic later, too", () => {
  const client = createSseClient(good);
  expect(() => client.subscribe(["a b" as "all"])).toThrow("Expected a topic");
});
