import { expect, test } from "vitest";
import { createOpenAICompatibleAuthor } from "../../../../src/books/authors/model/providers/openai-compatible.js";
import { createRateGate, createRateGates } from "../../../../src/books/authors/model/rate-gate.js";
import { createFakeClock } from "../../../support/fake-clock.js";
import {
  beginStream,
  endOfStream,
  startRawServer,
  textChunk,
} from "../../../support/llm/raw-server.js";
import { recordedCall, sampleTask } from "../../../support/llm/requests.js";

const never = new AbortController().signal;

/** A gate, and how many requests have passed it. */
function openGate() {
  const clock = createFakeClock();
  const gate = createRateGate({ clock, random: () => 0 });
  const passed: string[] = [];
  const ask = (name: string, tokens = 10, signal = never) =>
    gate.pass(tokens, signal).then(
      () => void passed.push(name),
      (error: Error) => void passed.push(`${name}: ${error.message}`),
    );
  return { clock, gate, passed, ask };
}

test("a refusal of one request holds all others back for as long as the provider said", async () => {
  const { clock, gate, passed, ask } = openGate();
  gate.heard(429, new Headers({ "retry-after": "20" }));
  void ask("a");
  void ask("b");
  await clock.advance(19_999);
  expect(passed).toEqual([]);
  // One that says less does not shorten it.
  gate.heard(429, new Headers({ "retry-after": "0" }));
  await clock.advance(1);
  expect(passed).toEqual(["a", "b"]);
});

test("what is left of a minute is shared, and the rest waits for the next", async () => {
  const { clock, gate, passed, ask } = openGate();
  gate.heard(
    200,
    new Headers({
      "x-ratelimit-remaining-requests": "2",
      "x-ratelimit-reset-requests": "1m0.5s",
    }),
  );
  for (const name of ["a", "b", "c"]) void ask(name);
  await clock.advance(60_000);
  expect(passed).toEqual(["a", "b"]);
  await clock.advance(500);
  expect(passed).toEqual(["a", "b", "c"]);
});

test("tokens that are left count as well, as Anthropic says them", async () => {
  const { clock, gate, passed, ask } = openGate();
  gate.heard(
    200,
    new Headers({
      "anthropic-ratelimit-tokens-remaining": "1000",
      "anthropic-ratelimit-tokens-reset": new Date(clock.now() + 5_000).toISOString(),
    }),
  );
  void ask("small", 800);
  void ask("large", 800);
  await clock.advance(4_000);
  expect(passed).toEqual(["small"]);
  await clock.advance(1_000);
  expect(passed).toEqual(["small", "large"]);
});

test("who is cancelled while waiting leaves at once", async () => {
  const { clock, gate, passed, ask } = openGate();
  const controller = new AbortController();
  gate.heard(429, new Headers({ "retry-after": "60" }));
  void ask("a", 10, controller.signal);
  await clock.advance(10);
  controller.abort(new Error("enough"));
  await clock.advance(0);
  expect(passed).toEqual(["a: enough"]);
});

test("nonsense holds nobody back, and no answer does so for more than 15 minutes", async () => {
  const { clock, gate, passed, ask } = openGate();
  for (const [left, reset] of [
    ["-1", "1s"],
    ["0", "soon"],
    ["0", ""],
    ["0", "9999999"],
    ["abc", "1s"],
  ] as const) {
    gate.heard(
      200,
      new Headers({ "x-ratelimit-remaining-requests": left, "x-ratelimit-reset-requests": reset }),
    );
  }
  void ask("a");
  await clock.advance(15 * 60_000 - 1);
  expect(passed).toEqual([]);
  await clock.advance(1);
  expect(passed).toEqual(["a"]);
});

test("one chapter's 429 keeps another author of the process from asking the provider", async () => {
  const askedAt: number[] = [];
  await using server = await startRawServer((response) => {
    askedAt.push(performance.now());
    if (askedAt.length === 1) {
      response.writeHead(429, { "retry-after-ms": "600" }).end();
      return;
    }
    beginStream(response);
    response.end(textChunk("The sea was calm. ".repeat(40)) + endOfStream());
  });
  const rates = createRateGates();
  const author = () =>
    createOpenAICompatibleAuthor({
      provider: "openai",
      model: "raw",
      baseUrl: server.baseUrl,
      rates,
    });
  await expect(author().chapter(sampleTask(1), recordedCall())).rejects.toMatchObject({
    code: "provider_busy",
  });
  await author().chapter(sampleTask(2), recordedCall());
  expect(askedAt).toHaveLength(2);
  expect((askedAt[1] ?? 0) - (askedAt[0] ?? 0)).toBeGreaterThanOrEqual(590);
});

test("who has to wait is told for how long, each time", async () => {
  const { clock, gate } = openGate();
  const waits: number[] = [];
  gate.heard(429, new Headers({ "retry-after": "12" }));
  const passed = gate.pass(10, never, (waitMs) => waits.push(waitMs));
  await clock.advance(11_000);
  gate.heard(429, new Headers({ "retry-after": "5" }));
  await clock.advance(1_000);
  await clock.advance(4_000);
  await passed;
  expect(waits).toEqual([12_000, 4_000]);
});
