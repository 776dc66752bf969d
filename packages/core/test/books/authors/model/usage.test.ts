import { expect, test } from "vitest";
import { InkwireError } from "../../../../src/protocol/index.js";
import {
  beginStream,
  endOfStream,
  startRawServer,
  textChunk,
} from "../../../support/llm/raw-server.js";
import { recordedCall, sampleTask } from "../../../support/llm/requests.js";

const sentence = "The sea was calm. ";

test("each request is told before it is made, and what it used after it ended", async () => {
  await using server = await startRawServer((response) => {
    beginStream(response);
    response.end(textChunk(sentence.repeat(40)) + endOfStream());
  });
  const call = recordedCall();
  const { usage } = await server.author().chapter(sampleTask(), call);
  expect(call.planned).toEqual([
    {
      author: "openai:raw",
      purpose: "chapter",
      inputTokens: expect.any(Number),
      outputTokens: 600,
    },
  ]);
  expect(call.planned[0]?.inputTokens).toBeGreaterThan(200);
  expect(call.spent).toEqual([
    { author: "openai:raw", purpose: "chapter", usage, outcome: "finished" },
  ]);
});

test("what was cut in the middle is counted, by its text", async () => {
  await using server = await startRawServer((response) => {
    beginStream(response);
    response.write(textChunk(sentence.repeat(40)), () => response.destroy());
  });
  const call = recordedCall();
  await expect(server.author().chapter(sampleTask(), call)).rejects.toMatchObject({
    retryable: true,
  });
  expect(call.spent).toMatchObject([
    { outcome: "failed", usage: { outputTokens: (18 * 40) / 4, estimated: true } },
  ]);
  expect(call.spent[0]?.usage.inputTokens).toBe(call.planned[0]?.inputTokens);
});

test("what was cancelled is counted, also before its first word", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await startRawServer(() => asked.resolve());
  const call = recordedCall();
  const writing = server.author().chapter(sampleTask(), call);
  await asked.promise;
  call.abort(new Error("enough"));
  await expect(writing).rejects.toThrow("enough");
  expect(call.spent).toMatchObject([{ outcome: "aborted", usage: { outputTokens: 0 } }]);
});

test("what was refused costs nothing", async () => {
  await using server = await startRawServer((response) => void response.writeHead(429).end());
  const call = recordedCall();
  await expect(server.author().chapter(sampleTask(), call)).rejects.toMatchObject({
    code: "provider_busy",
  });
  expect(call.planned).toHaveLength(1);
  expect(call.spent).toEqual([
    {
      author: "openai:raw",
      purpose: "chapter",
      usage: { inputTokens: 0, outputTokens: 0, estimated: false },
      outcome: "refused",
    },
  ]);
});

test("a request that is not admitted is not made", async () => {
  await using server = await startRawServer(() => {});
  const stop = new InkwireError("conflict", "It would cost too much.");
  const call = { ...recordedCall(), onRequest: () => Promise.reject(stop) };
  await expect(server.author().chapter(sampleTask(), call)).rejects.toBe(stop);
  expect(server.count).toBe(0);
});
