import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Author } from "../../../../src/books/authors/author.js";
import { createAnthropicAuthor } from "../../../../src/books/authors/model/providers/anthropic.js";
import { createOpenAIAuthor } from "../../../../src/books/authors/model/providers/openai.js";
import { beginStream, startRawServer } from "../../../support/llm/raw-server.js";
import { startMockLlm, testKey, type MockLlm } from "../../../support/llm/mock-llm.js";
import {
  recordedCall,
  sampleOutline,
  sampleRequest,
  sampleTask,
} from "../../../support/llm/requests.js";

const marker = "[inkwire chapter 1 of 3]";
const prose = `${"The sea was calm and the boats lay still. ".repeat(12)}Then it was over.`;

let llm: MockLlm;
beforeAll(async () => {
  llm = await startMockLlm();
});
afterAll(() => llm[Symbol.asyncDispose]());
beforeEach(() => llm.mock.reset());

const anthropic = (): Author =>
  createAnthropicAuthor({ model: "claude-sonnet-5", apiKey: testKey, baseUrl: llm.baseUrl });
const openai = (): Author =>
  createOpenAIAuthor({ model: "gpt-5", apiKey: testKey, baseUrl: llm.baseUrl });
const providers = [
  { name: "OpenAI", path: "/v1/responses", author: openai },
  { name: "Anthropic", path: "/v1/messages", author: anthropic },
];

describe.each(providers)("$name", ({ path, author }) => {
  test("writes a chapter, streamed, with its own count of tokens, and without its thinking", async () => {
    llm.mock.onMessage(
      marker,
      {
        content: `<thinking>Boats.</thinking>${prose}`,
        reasoning: "I should think about boats first.",
        usage: {
          input_tokens: 400,
          output_tokens: 120,
          prompt_tokens: 400,
          completion_tokens: 120,
        },
      },
      { streamingProfile: { ttft: 5, tps: 2_000 } },
    );
    const call = recordedCall();
    const { usage, finishReason } = await author().chapter(sampleTask(), call);
    expect(call.text).toBe(prose);
    expect(call.pieces.length).toBeGreaterThan(10);
    expect(finishReason).toBe("stop");
    expect(usage).toEqual({ inputTokens: 400, outputTokens: 120, estimated: false });
    expect(llm.mock.getRequests().map((entry) => entry.path)).toEqual([path]);
  });

  test("plans an outline", async () => {
    const { premise, chapters } = sampleOutline();
    llm.mock.onMessage("[inkwire outline]", { content: JSON.stringify({ premise, chapters }) });
    const outline = await author().outline(sampleRequest(), recordedCall());
    expect(outline.chapters.map(({ title }) => title)).toEqual(chapters.map(({ title }) => title));
  });

  test("goes on with a chapter", async () => {
    llm.mock.onMessage("[inkwire continue chapter 1 of 3]", { content: "And it was over." });
    const call = recordedCall();
    await author().chapter({ ...sampleTask(), soFar: `${prose}\n\n` }, call);
    expect(call.text).toBe("And it was over.");
  });

  test.each([
    [401, "author_refused_key", false],
    [404, "author_unavailable", false],
    [429, "provider_busy", true],
    [500, "provider_failed", true],
    [529, "provider_busy", true],
  ] as const)("with %i is %s, and its key stays secret", async (status, code, retryable) => {
    const retryAfter = status === 429 ? { retryAfter: 3 } : {};
    llm.mock.onMessage(marker, { error: { message: `no ${testKey}` }, status, ...retryAfter });
    const error: unknown = await author()
      .chapter(sampleTask(), recordedCall())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, retryable });
    if (status === 429) expect(error).toMatchObject({ retryAfterMs: 3_000 });
    expect(String(error)).not.toContain(testKey);
    expect(llm.mock.getRequests()).toHaveLength(1);
  });

  test("that cuts the stream in the middle is retryable", async () => {
    llm.mock.onMessage(
      marker,
      { content: prose },
      { streamingProfile: { ttft: 5, tps: 200 }, disconnectAfterMs: 60 },
    );
    const call = recordedCall();
    await expect(author().chapter(sampleTask(), call)).rejects.toMatchObject({ retryable: true });
    expect(prose.startsWith(call.text)).toBe(true);
  });
});

test("Anthropic says that it reached its limit", async () => {
  llm.mock.onMessage(marker, { content: prose, finishReason: "length" });
  const { finishReason } = await anthropic().chapter(sampleTask(), recordedCall());
  expect(finishReason).toBe("length");
});

test("OpenAI says that it reached its limit, and keeps nothing", async () => {
  let sent: unknown;
  const events = [
    { type: "response.created", response: { id: "r", created_at: 1, model: "gpt-5" } },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { type: "message", id: "m", role: "assistant", content: [] },
    },
    { type: "response.output_text.delta", item_id: "m", output_index: 0, delta: "The sea was " },
    {
      type: "response.incomplete",
      response: {
        incomplete_details: { reason: "max_output_tokens" },
        usage: { input_tokens: 9, output_tokens: 4 },
      },
    },
  ];
  await using server = await startRawServer((response, body) => {
    sent = JSON.parse(body);
    beginStream(response);
    response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
  });
  const author = createOpenAIAuthor({ model: "gpt-5", apiKey: testKey, baseUrl: server.baseUrl });
  const call = recordedCall();
  expect(await author.chapter(sampleTask(), call)).toMatchObject({
    finishReason: "length",
    usage: { inputTokens: 9, outputTokens: 4 },
  });
  expect(call.text).toBe("The sea was ");
  expect(sent).toMatchObject({ store: false, stream: true });
});
