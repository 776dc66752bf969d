import type { BookView } from "@inkwire/core/books";
import type { BookGenerationUpdate, BookMessage, ChapterText } from "@inkwire/core/protocol";

/** Book 7 as its service would show it, with what a test changes. */
export function bookView(changes: Partial<BookView> = {}): BookView {
  return {
    id: 7,
    taskId: "task-7",
    title: "The Tides of Brittany",
    brief: "",
    language: "en",
    author: { id: "openai:gpt-5", label: "openai:gpt-5" },
    status: "processing",
    stopped: false,
    progress: 0,
    words: 0,
    targetWords: 0,
    premise: undefined,
    chapters: [],
    usage: undefined,
    paused: undefined,
    ledger: {
      total: {
        requests: 0,
        inputTokens: 0,
        outputTokens: 0,
        cachedTokens: 0,
        estimated: false,
        usd: 0,
        unpriced: 0,
      },
      limits: {},
      parts: [],
    },
    createdAt: "2026-11-22T21:00:00.000Z",
    updatedAt: "2026-11-22T21:00:00.000Z",
    error: undefined,
    ...changes,
  };
}

/** `count` chapters called `Part 1` and so on (and `more`), the first `done` of them written. */
export function outlineOf(count: number, done = 0, more = ""): BookView["chapters"] {
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    title: `Part ${index + 1}${more}`,
    summary: "",
    state: index < done ? "done" : "waiting",
    words: index < done ? 1000 : 0,
    targetWords: 100,
  }));
}

export function updateMessage(changes: Partial<BookGenerationUpdate> = {}): BookMessage {
  const data = {
    book_id: 7,
    task_id: "task-7",
    status: "processing" as const,
    progress: 0,
    message: "",
    ...changes,
  };
  return {
    id: "e.1",
    type: "book_generation_update",
    topic: "user/1",
    time: "2026-11-22T21:00:00.000Z",
    data,
  };
}

export function textMessage(
  chapter: number,
  offset: number,
  text: string,
  changes: Partial<ChapterText> = {},
): BookMessage {
  const data = { book_id: 7, chapter, offset, text, done: false, ...changes };
  return {
    id: "e.2",
    type: "chapter_text",
    topic: "book/7",
    time: "2026-11-22T21:00:00.000Z",
    data,
  };
}

export function doneMessage(chapter: number, offset: number): BookMessage {
  return textMessage(chapter, offset, "", { done: true });
}
