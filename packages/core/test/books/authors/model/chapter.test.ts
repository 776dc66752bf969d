import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startMockLlm, testKey, type MockLlm } from "../../../support/llm/mock-llm.js";
import { recordedCall, sampleTask } from "../../../support/llm/requests.js";

const marker = "[inkwire chapter 1 of 3]";
const continuation = "[inkwire continue chapter 1 of 3]";
const prose = `${"The sea was calm and the boats lay still. ".repeat(12)}Then it was over.`;

let llm: MockLlm;
beforeAll(async () => {
  llm = await startMockLlm();
});
afterAll(() => llm[Symbol.asyncDispose]());
beforeEach(() => llm.mock.reset());

/** Writes chapter 1 and gives back what became of it. */
async function write(author = llm.author()) {
  const call = recordedCall();
  const outcome = await author.chapter(sampleTask(), call).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, text: call.text, pieces: call.pieces };
}

describe("a chapter", () => {
  test("comes in pieces, whole, with the usage that the provider reports", async () => {
    llm.mock.onMessage(
      marker,
      { content: prose, usage: { prompt_tokens: 400, completion_tokens: 120 } },
      { streamingProfile: { ttft: 10, tps: 2_000 } },
    );
    const { result, text, pieces } = await write();
    expect(text).toBe(prose);
    expect(pieces.length).toBeGreaterThan(10);
    expect(result).toEqual({
      finishReason: "stop",
      usage: { inputTokens: 400, outputTokens: 120, estimated: false },
    });
  });

  test("is asked for with the key, as a stream, and once", async () => {
    llm.mock.onMessage(marker, { content: prose });
    await write();
    const [entry, ...more] = llm.mock.getRequests();
    expect(more).toEqual([]);
    expect(entry?.path).toBe("/v1/chat/completions");
    expect(llm.requests()[0]).toMatchObject({ stream: true, model: "mock" });
    expect(llm.requests()[0]).not.toHaveProperty("response_format");
  });

  test("holds none of the model's thinking, neither of its own channel nor as text", async () => {
    llm.mock.onMessage(marker, {
      content: `<think>Plan: <b>boats</b>.</think>\n\n# Chapter 1: The Harbour\n\n${prose}`,
      reasoning: "I should think about boats first.",
    });
    const { text } = await write();
    expect(text).toBe(prose);
  });

  test("holds no remark to whoever asked", async () => {
    llm.mock.onMessage(marker, { content: `Sure! Here is the chapter:\n\n${prose}` });
    expect((await write()).text).toBe(prose);
  });

  test("whose thinking came as text is refused, and cleaned the next time", async () => {
    llm.mock.onMessage(marker, { content: `I plan boats.\n</think>\n\n${prose}` });
    const author = llm.author();
    const first = await write(author);
    expect(first.error).toMatchObject({ code: "output_invalid", retryable: true });
    const second = await write(author);
    expect(second.error).toBeUndefined();
    expect(second.text).toBe(prose);
  });
});

describe("a chapter that is gone on with", () => {
  test("is asked for with its text so far, and only what follows is written", async () => {
    llm.mock.onMessage(continuation, { content: "harbour and came home." });
    const call = recordedCall();
    const soFar = "The old fisherman went to the ";
    await llm.author().chapter({ ...sampleTask(), soFar }, call);
    expect(call.text).toBe("harbour and came home.");
    const [request] = llm.requests();
    expect(request?.messages.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "user",
    ]);
    expect(request?.messages[2]?.content).toBe(soFar);
    expect(request?.messages[3]?.content).toContain("about 6 of 300 words");
  });

  test("ends with a whole word where the model reached its limit, and says so", async () => {
    llm.mock.onMessage(marker, { content: "He went to the har", finishReason: "length" });
    const { result, text } = await write();
    expect(text).toBe("He went to the ");
    expect(result?.finishReason).toBe("length");
  });
});

describe("a provider that fails", () => {
  test("is busy, with its Retry-After", async () => {
    const busy = { error: { message: "slow down" }, status: 429, retryAfter: 3 };
    llm.mock.onMessage(marker, busy);
    const { error, text } = await write();
    expect(error).toMatchObject({ code: "provider_busy", retryable: true, retryAfterMs: 3_000 });
    expect(text).toBe("");
    expect(llm.requests()).toHaveLength(1);
  });

  test.each([
    [500, "provider_failed", true],
    [503, "provider_failed", true],
    [401, "author_refused_key", false],
    [404, "author_unavailable", false],
    [400, "provider_failed", false],
  ] as const)("with %i is %s", async (status, code, retryable) => {
    llm.mock.onMessage(marker, { error: { message: `no ${testKey}` }, status });
    const { error } = await write();
    expect(error).toMatchObject({ code, retryable });
    expect(String(error)).not.toContain(testKey);
    expect(llm.requests()).toHaveLength(1);
  });

  test("by cutting the stream in the middle is retryable, and what came is kept", async () => {
    llm.mock.onMessage(
      marker,
      { content: prose },
      { streamingProfile: { ttft: 5, tps: 200 }, disconnectAfterMs: 60 },
    );
    const { error, text } = await write();
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
    expect(prose.startsWith(text)).toBe(true);
    expect(text).not.toBe(prose);
  });

  test("by sending nothing is retryable", async () => {
    llm.mock.onMessage(marker, { content: "" });
    expect((await write()).error).toMatchObject({ code: "output_truncated", retryable: true });
  });

  test("by sending a chunk that is no JSON is retryable", async () => {
    llm.mock.onMessage(marker, { content: prose }, { chaos: { malformedRate: 1 } });
    const { error } = await write();
    expect(error).toMatchObject({ code: "provider_failed" });
  });

  test("by refusing to write this is not retried", async () => {
    llm.mock.onMessage(marker, { content: "I cannot", finishReason: "content_filter" });
    expect((await write()).error).toMatchObject({ code: "output_invalid", retryable: false });
  });

  test("by ending for another reason is never taken for done", async () => {
    llm.mock.onMessage(marker, { content: prose, finishReason: "tool_calls" });
    expect((await write()).error).toMatchObject({ code: "provider_failed", retryable: true });
  });
});
