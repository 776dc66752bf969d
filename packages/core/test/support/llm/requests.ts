import type { AuthorCall, ChapterTask } from "../../../src/books/authors/author.js";
import type { PlannedRequest, SpentRequest } from "../../../src/books/authors/requests.js";
import type { Repair } from "../../../src/books/repair.js";
import type { BookRequest, Outline } from "../../../src/books/types.js";

/** A small book: three chapters of 300 words. */
export function sampleRequest(overrides: Partial<BookRequest> = {}): BookRequest {
  return {
    title: "The Tides of Brittany",
    brief: "A calm book for sailors.",
    chapters: 3,
    words: 900,
    language: "en",
    author: "openai:mock",
    ...overrides,
  };
}

export function sampleOutline(request: BookRequest = sampleRequest()): Outline {
  const titles = ["The Harbour", "The Storm", "The Calm"];
  return {
    title: request.title,
    premise: "The sea gives and takes.",
    chapters: Array.from({ length: request.chapters }, (_, index) => ({
      number: index + 1,
      title: titles[index] ?? `Part ${index + 1}`,
      summary: `What happens in part ${index + 1}.`,
      words: 300,
    })),
  };
}

/** The task of writing chapter `number` of the sample book. */
export function sampleTask(number = 1, request: BookRequest = sampleRequest()): ChapterTask {
  const outline = sampleOutline(request);
  const chapter = outline.chapters[number - 1];
  if (chapter === undefined) throw new RangeError(`no chapter ${number}`);
  return { request, outline, chapter, bookId: 7 };
}

/** A call that keeps what is written and told, and can be aborted. */
export function recordedCall(): AuthorCall & {
  readonly pieces: readonly string[];
  readonly text: string;
  readonly planned: readonly PlannedRequest[];
  readonly spent: readonly SpentRequest[];
  readonly repairs: readonly Repair[];
  abort(reason: unknown): void;
  /** Resolves when the text so far is at least so long. */
  reached(length: number): Promise<void>;
} {
  const controller = new AbortController();
  const pieces: string[] = [];
  const planned: PlannedRequest[] = [];
  const spent: SpentRequest[] = [];
  const repairs: Repair[] = [];
  let length = 0;
  const waiting: Array<{ readonly length: number; readonly resolve: () => void }> = [];
  return {
    signal: controller.signal,
    pieces,
    planned,
    spent,
    repairs,
    onRequest: (request) => void planned.push(request),
    onUsage: (request) => void spent.push(request),
    onRepair: (repair) => void repairs.push(repair),
    get text() {
      return pieces.join("");
    },
    write(text) {
      pieces.push(text);
      length += text.length;
      for (const waiter of waiting) if (length >= waiter.length) waiter.resolve();
    },
    abort: (reason) => controller.abort(reason),
    reached: (wanted) =>
      new Promise<void>((resolve) => {
        if (length >= wanted) resolve();
        else waiting.push({ length: wanted, resolve });
      }),
  };
}
