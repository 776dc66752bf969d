import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createOpenAICompatibleAuthor } from "../../src/books/authors/model/providers/openai-compatible.js";
import { beginStream, endOfStream, textChunk } from "../support/llm/raw-server.js";
import { openBooksRoom, textOf, updatesOf } from "./support/books-room.js";
import { startStoryServer, type StoryRequest } from "./support/story-server.js";
import { makeStory } from "./support/story.js";

const story = makeStory(3, 6);
const half = (rest: string): string => rest.slice(0, Math.floor(rest.length * 0.6) - 9);
const startMs = Date.UTC(2026, 0, 1);
const key = "sk-test-0123456789abcdef";

/** What a provider does to the first request for chapter 2; what comes after is answered well. */
interface Fault {
  readonly name: string;
  readonly answer: (request: StoryRequest) => void;
  /** Goes on by itself, or after a `resume` when somebody has mended the cause. @default "itself" */
  readonly goesOn?: "itself" | "resumed";
  /** The error of a book that waits to be resumed. */
  readonly code?: string;
  /** The shortest wait that is allowed before it is tried again. */
  readonly waitsMs?: number;
  /** What the owner is told. */
  readonly tells: RegExp;
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  ({ response }: StoryRequest): void =>
    void response
      .writeHead(code, { "content-type": "application/json", ...headers })
      .end(JSON.stringify({ error: { message: `no, not with ${key}` } }));

const stream =
  (write: (response: ServerResponse, rest: string) => void) =>
  ({ response, rest }: StoryRequest): void => {
    beginStream(response);
    write(response, rest);
  };

const faults: readonly Fault[] = [
  {
    name: "429 with Retry-After",
    answer: status(429, { "retry-after": "7" }),
    waitsMs: 7_000,
    tells: /busy, trying again in 7 s/,
  },
  { name: "429 without", answer: status(429), tells: /busy, trying again/ },
  { name: "500", answer: status(500), tells: /failed, trying again/ },
  {
    name: "a cut before the headers",
    answer: ({ response }) => void response.destroy(),
    tells: /failed, trying again/,
  },
  {
    name: "a cut in the middle",
    answer: stream((response, rest) => {
      response.write(textChunk(half(rest)), () => response.destroy());
    }),
    tells: /broke.*it goes on after \d+ words/,
  },
  {
    name: "silence in the middle",
    answer: stream((response, rest) => void response.write(textChunk(half(rest)))),
    tells: /fell silent.*it goes on after \d+ words/,
  },
  {
    name: "a chunk that is no JSON",
    answer: stream((response, rest) => {
      response.end(`${textChunk(half(rest))}data: {"choices":[{"delta\n\n${endOfStream()}`);
    }),
    tells: /no chat completion.*it goes on after \d+ words/,
  },
  {
    name: "JSON of another shape",
    answer: stream((response) => void response.end('data: {"choices":"none"}\n\n')),
    tells: /failed, trying again/,
  },
  {
    name: "an error in the stream",
    answer: stream((response, rest) => {
      response.end(`${textChunk(half(rest))}data: {"error":{"message":"out of memory"}}\n\n`);
    }),
    tells: /out of memory.*it goes on after \d+ words/,
  },
  {
    name: "an empty stream",
    answer: stream((response) => void response.end("data: [DONE]\n\n")),
    tells: /cut off, trying again/,
  },
  {
    name: "no stream at all, of no bytes",
    answer: stream((response) => void response.end()),
    tells: /trying again/,
  },
  {
    name: "a stop in the middle of a sentence",
    answer: stream((response, rest) => {
      response.end(textChunk(half(rest)) + endOfStream());
    }),
    tells: /middle of a sentence, it goes on after \d+ words/,
  },
  {
    name: "the length limit",
    answer: stream((response, rest) => {
      response.end(textChunk(half(rest)) + endOfStream("length"));
    }),
    tells: /length limit, it goes on after \d+ words/,
  },
  {
    name: "thinking in the text",
    answer: stream((response, rest) => {
      for (const piece of ["<thi", "nking>Boats", "!</thin", "king>", rest]) {
        response.write(textChunk(piece));
      }
      response.end(endOfStream());
    }),
    tells: /Chapter 2 of 3 is written/,
  },
  {
    name: "a web page",
    answer: ({ response }) =>
      void response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
    goesOn: "resumed",
    code: "provider_failed",
    tells: /web page/,
  },
  {
    name: "ten megabytes without a line break",
    answer: stream((response) => {
      response.write('data: {"choices":[{"delta":{"content":"');
      for (let sent = 0; sent < 10_000_000; sent += 100_000) response.write("x".repeat(100_000));
    }),
    goesOn: "resumed",
    code: "output_invalid",
    tells: /line of over/,
  },
  {
    name: "a key that is refused in the middle",
    answer: status(401),
    goesOn: "resumed",
    code: "author_refused_key",
    tells: /refused the key/,
  },
];

/** The same numbers in [0, 1) for every run. */
function seeded(): () => number {
  let state = 1;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

async function openRoom(fault: (request: StoryRequest) => boolean) {
  const server = await startStoryServer(story, { piece: 400, pauseMs: 0, fault });
  const author = () =>
    createOpenAICompatibleAuthor({
      provider: "openai",
      model: "story",
      baseUrl: server.baseUrl,
      apiKey: key,
      concurrency: 1,
      timeouts: { firstChunkMs: 10_000, chunkMs: 300 },
    });
  const room = await openBooksRoom(author, {
    retry: { baseMs: 1_000, capMs: 4_000 },
    random: seeded(),
    // Time stands still, so that what is waited for can be read off, and waits take next to none.
    clock: { now: () => startMs, sleep: (_, signal) => delay(10, undefined, { signal }) },
  });
  const messages = room.listen("user/ada", "book/1");
  await room.books.create("ada", {
    title: "Boats",
    chapters: 3,
    words: story.words * 3,
  });
  return {
    ...room,
    server,
    messages,
    /** How long each further attempt was waited for, in milliseconds. */
    waits: () =>
      updatesOf(messages).flatMap(({ retry_at }) =>
        retry_at === undefined ? [] : [Date.parse(retry_at) - startMs],
      ),
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("a book that is whole in the end, whatever its provider does:", () => {
  it.each(faults)("$name", async ({ answer, goesOn = "itself", code, waitsMs = 0, tells }) => {
    await using room = await openRoom((request) => {
      if (request.chapter !== 2 || request.count !== 1) return false;
      answer(request);
      return true;
    });
    let book = await room.books.wait("ada", 1);
    if (goesOn === "resumed") {
      expect(book).toMatchObject({ status: "failed", error: { code } });
      await room.books.resume("ada", 1);
      book = await room.books.wait("ada", 1);
    }
    expect(book.error).toBeUndefined();
    expect(book.status).toBe("completed");

    // Whole, to the character: in storage and for whoever followed it.
    const chapters = await room.books.chapters("ada", 1);
    expect(chapters.map(({ text }) => text)).toEqual(story.chapters);
    for (const [index, text] of story.chapters.entries()) {
      expect(textOf(room.messages, index + 1)).toEqual({ text, done: true });
    }

    // Bought once: the other chapters, the outline, and of chapter 2 no more than its last paragraph twice.
    expect(room.server.outlines).toBe(1);
    const bill = room.server.sales.map(({ chapter }) => chapter);
    expect(bill.filter((chapter) => chapter === 1)).toHaveLength(1);
    expect(bill.filter((chapter) => chapter === 3)).toHaveLength(1);
    expect(bill.filter((chapter) => chapter === 2).length).toBeLessThanOrEqual(2);

    // Told, with what was waited for, and without the key.
    const told = updatesOf(room.messages).map(({ message }) => message);
    expect(told.join("\n")).toMatch(tells);
    expect(Math.max(0, ...room.waits())).toBeGreaterThanOrEqual(waitsMs);
    expect(JSON.stringify(room.messages)).not.toContain(key);
    expect(JSON.stringify(book)).not.toContain(key);
  });
});

describe("a book with a provider that", () => {
  it("writes bytes that are no UTF-8 has a mark in their place", async () => {
    await using room = await openRoom(({ chapter, response, rest }) => {
      if (chapter !== 2) return false;
      beginStream(response);
      const bytes = Buffer.from(textChunk(rest.replace("boat", "b@at")), "utf8");
      bytes[bytes.indexOf("@")] = 0xff;
      response.write(bytes);
      response.end(endOfStream());
      return true;
    });
    await room.books.wait("ada", 1);
    const [, second] = await room.books.chapters("ada", 1);
    expect(second?.text).toBe(story.chapters[1]?.replace("boat", "b\uFFFDat"));
  });

  it("writes a chapter fifty times too long keeps the good part, with an ending", async () => {
    await using room = await openRoom(({ chapter, response, rest, prompt }) => {
      if (chapter !== 2) return false;
      beginStream(response);
      if (prompt.includes("Bring it to its end now")) {
        response.end(textChunk("And so the boats were home.") + endOfStream());
        return true;
      }
      response.write(textChunk(rest));
      for (let wave = 0; wave < 50 * story.words; wave += 12) {
        response.write(
          textChunk(`\n\nThen wave ${wave} came in, and took nothing with it but foam.`),
        );
      }
      response.end(endOfStream());
      return true;
    });
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    const [, second] = await room.books.chapters("ada", 1);
    expect(second?.text.startsWith(story.chapters[1] ?? "-")).toBe(true);
    expect(second?.text).toMatch(/And so the boats were home\.$/);
    expect(second?.text.length).toBeLessThan(42_000);
    expect(second?.repairs).toMatchObject([{ kind: "too_long" }]);
  });

  it("obeys a brief that orders markup has it as text, in every file", async () => {
    const evil = "<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))";
    await using room = await openRoom(({ chapter, response, rest }) => {
      if (chapter !== 2) return false;
      beginStream(response);
      response.end(textChunk(`${evil}\n\n${rest}`) + endOfStream());
      return true;
    });
    await room.books.wait("ada", 1);
    for (const format of ["html", "markdown"] as const) {
      const { bytes } = await room.books.export("ada", 1, format);
      const file = Buffer.from(bytes).toString();
      expect(file).not.toMatch(/(?<!\\)<(?:script>alert|img src=x)/);
    }
  });

  it("fails the same way in the same waits every time", async () => {
    const waits: number[][] = [];
    for (let run = 0; run < 2; run += 1) {
      await using room = await openRoom((request) => {
        if (request.chapter !== 2 || request.count > 3) return false;
        status(500)(request);
        return true;
      });
      await room.books.wait("ada", 1);
      waits.push(room.waits());
    }
    expect(waits[0]).toHaveLength(3);
    expect(waits[1]).toEqual(waits[0]);
  });
});
