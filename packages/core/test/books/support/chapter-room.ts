import type { Author, ChapterTask } from "../../../src/books/authors/author.js";
import type { SpentRequest } from "../../../src/books/authors/requests.js";
import { writeChapter } from "../../../src/books/chapter-writer.js";
import { createDrafts, type Drafts } from "../../../src/books/drafts.js";
import type { Repair } from "../../../src/books/repair.js";
import type { Chapter } from "../../../src/books/types.js";
import type { ChapterText } from "../../../src/protocol/index.js";
import { sampleTask } from "../../support/llm/requests.js";

export interface ChapterRoom {
  readonly drafts: Drafts;
  readonly repairs: Repair[];
  readonly spent: SpentRequest[];
  /** Waits for the provider that were told, in milliseconds. */
  readonly waits: number[];
  readonly published: ChapterText[];
  /** The chapter as a reader has it who follows the messages. @throws for a hole */
  readonly seen: string;
  /** An attempt at chapter 1 of the sample book, or another task. */
  attempt(author: Author, task?: ChapterTask): Promise<Chapter>;
}

/** Where one chapter is written, attempt after attempt, as the pipeline has it done. */
export function openChapterRoom(): ChapterRoom {
  const drafts = createDrafts(
    { directory: undefined },
    {
      flushMs: 1,
      onProblem(problem) {
        throw problem;
      },
    },
  );
  const repairs: Repair[] = [];
  const spent: SpentRequest[] = [];
  const waits: number[] = [];
  const published: ChapterText[] = [];
  let attempts = 0;
  return {
    drafts,
    repairs,
    spent,
    waits,
    published,
    get seen() {
      let text = "";
      for (const piece of published) {
        if (piece.offset > text.length) throw new Error(`a hole before offset ${piece.offset}`);
        text = text.slice(0, piece.offset) + piece.text;
      }
      return text;
    },
    attempt(author, task = sampleTask()) {
      const call = {
        jobId: "book-7",
        step: { name: "chapter", index: task.chapter.number - 1, count: 3 },
        signal: new AbortController().signal,
        attempt: (attempts += 1),
        progress: () => {},
      };
      const options = {
        publisher: {
          publish: async (_topic: unknown, _type: unknown, data: unknown) =>
            void published.push(data as ChapterText),
          settled: async () => {},
        },
        drafts,
        onWords: () => {},
        onUsage: (_place: unknown, request: SpentRequest) => void spent.push(request),
        onWait: (_place: unknown, ms: number) => void waits.push(ms),
        onRepair: (_place: unknown, repair: Repair) => void repairs.push(repair),
      };
      return writeChapter(author, task, call, options, "ground");
    },
  };
}
