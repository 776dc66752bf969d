import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { boundedSchema } from "../../../../src/books/authors/model/gguf/bounded-schema.js";
import type {
  LlamaAnswerOptions,
  LlamaLibrary,
  LlamaTurn,
} from "../../../../src/books/authors/model/gguf/llama.js";
import { createGgufAuthor } from "../../../../src/books/authors/model/providers/gguf.js";
import { loadTestLlama, whyNoGguf } from "../../../support/llm/gguf-server.js";
import { recordedCall, sampleRequest, sampleTask } from "../../../support/llm/requests.js";

const file = process.env["INKWIRE_TEST_GGUF"];
const reason = whyNoGguf(file);
if (reason !== undefined) console.warn(`SKIPPED: a model file in this process (${reason})`);

describe.skipIf(reason !== undefined)("a model file in this process", { timeout: 240_000 }, () => {
  const make = () =>
    createGgufAuthor({ file: file ?? "", threads: 1, contextTokens: 512, load: loadTestLlama });

  test("plans and writes, streamed, with its own count of tokens", async () => {
    const author = make();
    const request = sampleRequest();
    const outline = await author.outline(request, recordedCall());
    expect(outline.chapters.map(({ number }) => number)).toEqual([1, 2, 3]);
    const [chapter] = outline.chapters;
    if (chapter === undefined) throw new Error("no chapter");
    const call = recordedCall();
    const { usage, finishReason } = await author.chapter(
      { request, outline, chapter, bookId: 1 },
      call,
    );
    expect(finishReason).toBe("stop");
    expect(call.text).toMatch(/[.!?]["”']?\s*$/);
    expect(call.pieces.length).toBeGreaterThan(20);
    expect(usage?.estimated).toBe(false);
    expect(usage?.outputTokens).toBeGreaterThan(200);
  });

  test("stops when it is cancelled, and then goes on where it stopped", async () => {
    const author = make();
    const call = recordedCall();
    const enough = new Error("enough");
    const writing = author.chapter(sampleTask(), call);
    await call.reached(60);
    call.abort(enough);
    await expect(writing).rejects.toBe(enough);
    expect(call.spent).toMatchObject([{ outcome: "aborted" }]);
    const again = recordedCall();
    await author.chapter({ ...sampleTask(), soFar: "Once upon a time there was a boat. " }, again);
    expect(again.text.length).toBeGreaterThan(100);
  });
});

describe("a model file", () => {
  test("that is not there is unavailable, as is one without its library", async () => {
    const missing = createGgufAuthor({ file: "/nowhere/a.gguf" });
    await expect(missing.chapter(sampleTask(), recordedCall())).rejects.toMatchObject({
      code: "author_unavailable",
      message: "There is no model file /nowhere/a.gguf.",
    });
    await using folder = await openFolder();
    const bare = createGgufAuthor({
      file: folder.file,
      load: () => Promise.reject(Object.assign(new Error(), { code: "ERR_MODULE_NOT_FOUND" })),
    });
    await expect(bare.chapter(sampleTask(), recordedCall())).rejects.toMatchObject({
      code: "author_unavailable",
      hint: "npm install node-llama-cpp",
    });
  });

  test("that can't be opened is unavailable, and tried again by the next request", async () => {
    await using folder = await openFolder();
    const llama = fakeLlama();
    let opened = 0;
    const author = createGgufAuthor({
      file: folder.file,
      load: async () => {
        opened += 1;
        if (opened === 1) throw new Error("libvulkan.so.1: no such file");
        return llama.library;
      },
    });
    const failing = author.chapter(sampleTask(), recordedCall());
    await expect(failing).rejects.toMatchObject({ code: "author_unavailable", retryable: false });
    const call = recordedCall();
    await author.chapter(sampleTask(), call);
    expect(call.text).toBe("The sea was calm.");
    await author.chapter(sampleTask(), recordedCall());
    expect(opened).toBe(2);
  });

  test("that can chat is told its rules, its work and its text so far, and its thinking is left out", async () => {
    await using folder = await openFolder();
    const llama = fakeLlama();
    const author = createGgufAuthor({
      file: folder.file,
      threads: 1,
      load: () => Promise.resolve(llama.library),
    });
    const call = recordedCall();
    await author.chapter({ ...sampleTask(), soFar: "It began.\n\n" }, call);
    expect(llama.history.map(({ type }) => type)).toEqual(["system", "user", "model"]);
    expect(llama.prompt).toContain("[inkwire continue chapter 1 of 3]");
    expect(call.text).toBe("The sea was calm.");
    expect(llama.options).toMatchObject({ maxThreads: 1, build: "never" });
  });
});

test("a schema's strings get an end, and keep one that they have", () => {
  const schema = { items: [{ type: "string" }, { type: "string", maxLength: 3 }], minItems: 2 };
  expect(boundedSchema(schema)).toEqual({
    items: [
      { type: "string", minLength: 4, maxLength: 600 },
      { type: "string", minLength: 4, maxLength: 3 },
    ],
    minItems: 2,
  });
});

async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), "inkwire-gguf-"));
  const path = join(folder, "a.gguf");
  await writeFile(path, "GGUF");
  return { file: path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A chat model that thinks, and then says one sentence. */
function fakeLlama() {
  const seen = { history: [] as readonly LlamaTurn[], prompt: "", options: {} };
  const sequence = { clearHistory: async () => {} };
  class Session {
    setChatHistory(history: readonly LlamaTurn[]): void {
      seen.history = history;
    }
    async promptWithMeta(text: string, options: LlamaAnswerOptions) {
      seen.prompt = text;
      options.onToken([1, 2, 3]);
      options.onResponseChunk?.({ type: "segment", text: "I should think of boats." });
      options.onResponseChunk?.({ text: "The sea " });
      options.onResponseChunk?.({ text: "was calm." });
      return { stopReason: "eogToken" };
    }
    dispose(): void {}
  }
  const library = {
    LlamaChatSession: Session,
    getLlama: async (options: object) => {
      seen.options = options;
      return {
        createGrammarForJsonSchema: async () => ({}),
        loadModel: async () => ({
          tokens: { bos: 1 },
          fileInfo: { metadata: { tokenizer: { chat_template: "{{ messages }}" } } },
          tokenize: (text: string) => text.split(" "),
          createContext: async () => ({ contextSize: 4_096, getSequence: () => sequence }),
        }),
      };
    },
  };
  return Object.assign(seen, { library: library as unknown as LlamaLibrary });
}
