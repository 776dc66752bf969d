import type { BookView } from "@inkwire/core/books";
import type { BookGenerationUpdate, BookMessage } from "@inkwire/core/protocol";
import { describe, expect, it } from "vitest";
import { createPlainRenderer } from "../../src/output/plain.js";
import { createTestClock } from "../support/clock.js";
import { plannedBook } from "../support/planned-book.js";

function makeRenderer() {
  const clock = createTestClock();
  const lines: string[] = [];
  const renderer = createPlainRenderer({ write: (line) => lines.push(line), clock });
  return {
    clock,
    lines,
    renderer,
    said: () => lines.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, "")),
  };
}

function update(data: Partial<BookGenerationUpdate>): BookMessage {
  const whole: BookGenerationUpdate = {
    book_id: 7,
    task_id: "t",
    status: "processing",
    progress: 0,
    message: "",
    ...data,
  };
  const time = "2026-11-22T21:10:04.123Z";
  return { id: "e.1", type: "book_generation_update", topic: "user/local", time, data: whole };
}

describe("the plain renderer", () => {
  it("writes one line for each change, with the time of day", () => {
    const { renderer, lines, said } = makeRenderer();
    const same = {
      progress: 12.7,
      current_step: "chapter 1",
      message: "Writing chapter 1 of 3: Ebb",
    };
    renderer.message(update(same));
    renderer.message(update({ ...same, progress: 14 }));
    renderer.message(
      update({ progress: 15, current_step: "chapter 2", message: "Writing chapter 2 of 3: Flood" }),
    );
    renderer.message(update({ ...same, progress: 16 }));
    renderer.message(
      update({ ...same, progress: 40, message: "Chapter 1 of 3 is written: Ebb", eta_seconds: 75 }),
    );
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {3}12% {2}Writing chapter 1 of 3: Ebb\n$/);
    expect(said()).toEqual([
      " 12%  Writing chapter 1 of 3: Ebb\n",
      " 15%  Writing chapter 2 of 3: Flood\n",
      " 40%  Chapter 1 of 3 is written: Ebb (about 1 min 15 s left)\n",
    ]);
  });

  it("says after 30 s of silence that it goes on, and not while there is news", () => {
    const { renderer, clock, said } = makeRenderer();
    renderer.message(update({ progress: 20, words: 1234, message: "Writing" }));
    clock.advance(29_000);
    expect(said()).toHaveLength(1);
    clock.advance(10_000);
    expect(said()[1]).toBe(" 20%  still writing, 1,234 words so far\n");
    renderer.notice("hello");
    clock.advance(25_000);
    expect(said()).toHaveLength(3);
  });

  it("is silent after its end", async () => {
    const { renderer, clock, said } = makeRenderer();
    await renderer.close();
    clock.advance(120_000);
    expect(said()).toEqual([]);
  });

  it("lists the outline once, the first chapters of a long one", () => {
    const { renderer, said } = makeRenderer();
    const book = plannedBook({ chapters: 200 });
    renderer.snapshot(book);
    renderer.snapshot(book);
    expect(said()[0]).toBe("Outline: 200 chapters, about 240,000 words\n");
    expect(said()).toHaveLength(42);
    expect(said().at(-1)).toBe("  … and 160 more\n");
  });

  it.each<[string, Partial<BookView>, string]>([
    [
      "completed",
      { status: "completed", words: 3600 },
      "Finished in 42 s: 3 chapters, 3,600 words",
    ],
    ["interrupted", { status: "processing" }, "Stopped after 42 s with 0 of 3 chapters"],
    ["failed", { status: "failed" }, "Failed after 42 s with 0 of 3 chapters"],
  ])("ends with what became of it: %s", async (_name, fields, expected) => {
    const { renderer, said } = makeRenderer();
    const book = { ...plannedBook({ chapters: 3 }), ...fields };
    const resumeCommand = book.status === "completed" ? undefined : "inkwire resume 7";
    await renderer.finish({ book, files: ["books/a.epub"], resumeCommand, elapsedSeconds: 42 });
    expect(said()[0]).toBe(`${expected}\n`);
    expect(said().at(-1)).toBe(
      resumeCommand === undefined ? "Saved books/a.epub\n" : "Go on with: inkwire resume 7\n",
    );
  });

  it("keeps escape sequences and line breaks of models out of the terminal", async () => {
    const { renderer, lines } = makeRenderer();
    const evil = "\u001B]0;owned\u0007a\u001B[2J\nb\u202E";
    renderer.start({ title: evil, bookId: 7, author: evil });
    renderer.message(update({ message: evil }));
    renderer.notice(evil);
    const book = {
      ...plannedBook({ chapters: 2, title: evil }),
      error: { code: "internal", message: evil, retryable: false },
    } as const;
    renderer.snapshot(book);
    await renderer.finish({ book, files: [evil], resumeCommand: undefined, elapsedSeconds: 1 });
    for (const line of lines) expect(line).toMatch(/^[^\p{Cc}\p{Bidi_Control}]*\n$/u);
  });
});
