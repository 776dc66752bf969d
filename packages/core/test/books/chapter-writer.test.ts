import * as fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import type { AuthorCall } from "../../src/books/authors/author.js";
import { writeChapter } from "../../src/books/chapter-writer.js";
import { createDrafts, type Drafts } from "../../src/books/drafts.js";
import type { BookPublisher } from "../../src/books/publisher.js";
import { cleanText } from "../../src/books/text.js";
import type { Chapter } from "../../src/books/types.js";
import type { ChapterText } from "../../src/protocol/index.js";
import { createScriptedAuthor, type Script } from "./support/scripted-author.js";

let published: ChapterText[];
let words: number[];
let ratios: number[];
let drafts: Drafts;
let abort: AbortController;

beforeEach(() => {
  published = [];
  words = [];
  ratios = [];
  abort = new AbortController();
  drafts = createDrafts(
    { directory: undefined },
    { onProblem: (problem) => expect.unreachable(String(problem)) },
  );
});

const publisher: BookPublisher = {
  publish: async (_topic, _type, data) => void published.push(data as ChapterText),
  settled: async () => {},
};

const chapter = { number: 3, title: "The Causeway", summary: "", words: 200 };
const request = {
  title: "Tides",
  brief: "",
  chapters: 3,
  words: 600,
  language: "en",
  author: "scripted:one",
};
const task = {
  request,
  outline: { title: "Tides", premise: "", chapters: [chapter] },
  chapter,
  bookId: 7,
};

function write(script: Script): Promise<Chapter> {
  const call = {
    jobId: "book-7",
    step: { name: "chapter", index: 2, count: 3 },
    signal: abort.signal,
    attempt: 1,
    progress: (ratio: number) => void ratios.push(ratio),
  };
  const onWords = (_job: string, _chapter: number, count: number): void => void words.push(count);
  return writeChapter(createScriptedAuthor(script), task, call, { publisher, drafts, onWords });
}

const live = (): string => published.map((piece) => piece.text).join("");

it("gives back what was published and drafted, to the character, and counts its words", async () => {
  const made = await write({});
  expect(made).toEqual({
    number: 3,
    title: "The Causeway",
    text: live(),
    words: 20 * 17,
    usage: { inputTokens: 10, outputTokens: 60, estimated: false },
  });
  expect(await drafts.read(7, 3)).toBe(made.text);
  expect(
    published.every((piece) => !piece.done && piece.book_id === 7 && piece.chapter === 3),
  ).toBe(true);
});

it("tells how far it is, up to 0.99: only a checkpoint makes it whole", async () => {
  await write({
    pieces: () => Array.from({ length: 40 }, (_, index) => `word${index} `.repeat(200)),
  });
  expect(words.length).toBeGreaterThan(1);
  expect(words).toEqual(words.toSorted((a, b) => a - b));
  expect(words.at(-1)).toBe(8_000);
  expect(ratios.at(-1)).toBe(0.99);
});

it("drops no character, whatever comes in whatever pieces", async () => {
  const anything = fc.string({ unit: "binary", maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(anything), async (texts) => {
      published = [];
      // Cut at UTF-16 units, so that surrogate pairs and CRLFs are torn apart.
      const raw = `x${texts.join("")}`;
      const made = await write({ pieces: () => raw.split("") });
      expect(made.text).toBe(cleanText(raw));
      expect(live()).toBe(made.text);
      expect(await drafts.read(7, 3)).toBe(made.text);
    }),
    { numRuns: 60 },
  );
});

it("keeps escape sequences, NUL and lone surrogates out of text and messages", async () => {
  const made = await write({
    pieces: () => [
      "\u001b[31mred\u001b",
      "[0m \u0000<script>alert(1)</script> ",
      "\ud83d",
      "\ude00 \ud83d",
      " end\u009b2J",
    ],
  });
  expect(made.text).toBe("[31mred[0m <script>alert(1)</script> 😀 \ufffd end2J");
  expect(live()).toBe(made.text);
});

it("refuses a chapter without text, as something to try again", async () => {
  await expect(write({ pieces: () => [" \n", "\u0000"] })).rejects.toMatchObject({
    code: "output_invalid",
    retryable: true,
  });
});

it("stops an author that never ends", async () => {
  function* endless(): Generator<string> {
    for (;;) yield "All work and no play. ".repeat(5_000);
  }
  await expect(write({ pieces: endless })).rejects.toMatchObject({ code: "output_invalid" });
});

it("passes on what the author throws, and leaves what there was in the draft", async () => {
  const failure = new Error("cut");
  const after = (): never => {
    throw failure;
  };
  await expect(write({ pieces: () => ["half a "], after })).rejects.toBe(failure);
  expect(await drafts.read(7, 3)).toBe("half a ");
  expect(live()).toBe("half a ");
});

it("takes nothing from an author that is deaf to its signal", async () => {
  const reason = new Error("cancelled");
  function* deaf(): Generator<string> {
    yield "before ";
    abort.abort(reason);
    yield "after";
  }
  const author = {
    ...createScriptedAuthor(),
    chapter: async (_: unknown, call: AuthorCall) => {
      for (const piece of deaf()) call.write(piece);
      return {};
    },
  };
  const call = {
    jobId: "j",
    step: { name: "chapter" },
    signal: abort.signal,
    attempt: 1,
    progress: () => {},
  };
  await expect(
    writeChapter(author, task, call, { publisher, drafts, onWords: () => {} }),
  ).rejects.toBe(reason);
  expect(live()).toBe("before ");
});

it("keeps a chapter that came to its end although it was told to stop", async () => {
  const made = await write({
    pieces: () => ["whole."],
    after: () => abort.abort(new Error("cancelled")),
  });
  expect(made.text).toBe("whole.");
});
