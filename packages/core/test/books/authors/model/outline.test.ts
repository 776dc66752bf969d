import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Author } from "../../../../src/books/authors/author.js";
import { startMockLlm, type MockLlm } from "../../../support/llm/mock-llm.js";
import { recordedCall, sampleOutline, sampleRequest } from "../../../support/llm/requests.js";

const marker = "[inkwire outline]";
const repair = "[inkwire outline repair]";
const request = sampleRequest();
const plan = sampleOutline(request);
const good = JSON.stringify({ premise: plan.premise, chapters: plan.chapters });
const short = JSON.stringify({ premise: plan.premise, chapters: plan.chapters.slice(1) });

let llm: MockLlm;
beforeAll(async () => {
  llm = await startMockLlm();
});
afterAll(() => llm[Symbol.asyncDispose]());
beforeEach(() => llm.mock.reset());

const write = (author: Author = llm.author()) => author.outline(request, recordedCall());

describe("an outline", () => {
  test("is asked for with a schema that names the number of chapters", async () => {
    llm.mock.onMessage(marker, { content: good });
    expect(await write()).toEqual(plan);
    expect(llm.requests()).toHaveLength(1);
    expect(llm.requests()[0]?.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { schema: { properties: { chapters: { minItems: 3, maxItems: 3 } } } },
    });
  });

  test("is asked for as plain text where the server refuses a schema", async () => {
    llm.mock.on(
      { predicate: (body) => body.response_format !== undefined },
      { error: { message: "'response_format.type' must be 'text'" }, status: 400 },
    );
    llm.mock.onMessage(marker, { content: `Here you are:\n\`\`\`json\n${good}\n\`\`\`` });
    expect(await write()).toEqual(plan);
    expect(llm.requests().map((body) => "response_format" in body)).toEqual([true, false]);
  });

  test("of no use is asked for once more, with the reason", async () => {
    llm.mock.onMessage(repair, { content: good });
    llm.mock.onMessage(marker, { content: short });
    expect(await write()).toEqual(plan);
    const last = llm.requests()[1]?.messages.at(-1)?.content;
    expect(last).toContain("it has 2 chapters, not 3.");
  });

  test("that was cut at the length limit is asked for again, briefer", async () => {
    llm.mock.onMessage(repair, { content: good });
    llm.mock.onMessage(marker, { content: good.slice(0, 80), finishReason: "length" });
    expect(await write()).toEqual(plan);
    expect(llm.requests()[1]?.messages.at(-1)?.content).toContain("be briefer");
  });

  test("of no use twice is an error", async () => {
    llm.mock.onMessage(repair, { content: "Once upon a time" });
    llm.mock.onMessage(marker, { content: short });
    await expect(write()).rejects.toMatchObject({ code: "output_invalid", retryable: false });
    expect(llm.requests()).toHaveLength(2);
  });

  test("of no use twice is planned by the fallback, which is named", async () => {
    llm.mock.onMessage(repair, { content: "Once upon a time" });
    llm.mock.onMessage(marker, { content: "" });
    const fallbackOutline = vi.fn(() => plan);
    const outline = await write(llm.author({ fallbackOutline }));
    expect(outline).toEqual({ ...plan, madeBy: "offline planner" });
    expect(fallbackOutline).toHaveBeenCalledExactlyOnceWith(request);
  });

  test.each([
    [429, "provider_busy"],
    [500, "provider_failed"],
    [401, "author_refused_key"],
    [400, "provider_failed"],
  ] as const)("that fails with %i is never planned around", async (status, code) => {
    llm.mock.onMessage(marker, { error: { message: "no" }, status });
    const fallbackOutline = vi.fn(() => plan);
    await expect(write(llm.author({ fallbackOutline }))).rejects.toMatchObject({ code });
    expect(fallbackOutline).not.toHaveBeenCalled();
  });

  test("whose stream is cut is never planned around", async () => {
    llm.mock.onMessage(
      marker,
      { content: good },
      { streamingProfile: { ttft: 5, tps: 100 }, disconnectAfterMs: 60 },
    );
    const fallbackOutline = vi.fn(() => plan);
    await expect(write(llm.author({ fallbackOutline }))).rejects.toMatchObject({
      code: "provider_failed",
      retryable: true,
    });
    expect(fallbackOutline).not.toHaveBeenCalled();
  });
});
