import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Author } from "../../../../src/books/authors/author.js";
import { chooseAuthor } from "../../../../src/books/authors/choose.js";
import { createOpenAICompatibleAuthor } from "../../../../src/books/authors/model/providers/openai-compatible.js";
import { startGgufServer, whyNoGguf, type GgufServer } from "../../../support/llm/gguf-server.js";
import { recordedCall, sampleRequest } from "../../../support/llm/requests.js";

const file = process.env["INKWIRE_TEST_GGUF"];
const reason = whyNoGguf(file);
if (reason !== undefined) console.warn(`SKIPPED: the tests against a real model (${reason})`);

describe.skipIf(reason !== undefined)("a real model", () => {
  let server: GgufServer;
  let author: Author;

  // The first time, its library is installed.
  beforeAll(async () => {
    server = await startGgufServer(file ?? "");
    author = createOpenAICompatibleAuthor({
      provider: "local",
      model: server.model,
      baseUrl: server.baseUrl,
    });
  }, 240_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  test("plans and writes a book, streamed, with its own count of tokens", async () => {
    const request = sampleRequest();
    const outline = await author.outline(request, recordedCall());
    expect(outline.chapters.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(outline.madeBy).toBeUndefined();
    expect(outline.chapters.reduce((sum, { words }) => sum + words, 0)).toBe(request.words);

    for (const chapter of outline.chapters) {
      const call = recordedCall();
      const { usage } = await author.chapter({ request, outline, chapter, bookId: 1 }, call);
      expect(call.text).toMatch(/[.!?]["”']?\s*$/);
      expect(call.pieces.length).toBeGreaterThan(20);
      expect(usage?.estimated).toBe(false);
      expect(usage?.outputTokens).toBeGreaterThan(100);
    }
  });

  test("takes a brief far beyond its context", async () => {
    const request = sampleRequest({ brief: "The sea, the sea. ".repeat(1_000), chapters: 1 });
    const outline = await author.outline(request, recordedCall());
    const [chapter] = outline.chapters;
    const call = recordedCall();
    if (chapter !== undefined) await author.chapter({ request, outline, chapter, bookId: 1 }, call);
    expect(call.text.length).toBeGreaterThan(100);
  });

  test("stops when it is cancelled in the middle of a chapter, and then writes another", async () => {
    const request = sampleRequest({ chapters: 1 });
    const outline = await author.outline(request, recordedCall());
    const [chapter] = outline.chapters;
    if (chapter === undefined) throw new Error("no chapter");
    const task = { request, outline, chapter, bookId: 1 };

    const call = recordedCall();
    const enough = new Error("enough");
    const writing = author.chapter(task, call);
    await call.reached(60);
    call.abort(enough);
    await expect(writing).rejects.toBe(enough);
    await vi.waitFor(async () =>
      expect(await server.stats()).toMatchObject({ running: 0, cancelled: 1 }),
    );
    const { tokens } = await server.stats();
    // A whole answer has 240 tokens or more.
    const again = recordedCall();
    const { usage } = await author.chapter(task, again);
    expect((await server.stats()).tokens).toBe(tokens + (usage?.outputTokens ?? 0));
  });

  test("is found on this machine without a key", async () => {
    const choice = await chooseAuthor({
      author: `local:${server.model}`,
      env: { OPENAI_BASE_URL: server.baseUrl },
      offline: () => author,
    });
    expect(choice.create().id).toBe(`local:${server.model}`);
  });
});
