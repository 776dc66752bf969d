import { describe, expect, test } from "vitest";
import { bookView, doneMessage, outlineOf, textMessage, updateMessage } from "../support/book.js";
import { openBook, type OpenBook } from "../support/open-book.js";

const SENTENCE = "The quick brown fox jumps over the lazy dog. ";

/** Writes one chapter of ten words, from its first to its last, in two seconds. */
async function writeChapter({ renderer, frame }: OpenBook, chapter: number): Promise<void> {
  const text = "one two three four five six seven eight nine ten ";
  renderer.message(
    updateMessage({ current_step: `chapter ${chapter}`, message: `Writing chapter ${chapter}` }),
  );
  renderer.message(textMessage(chapter, 0, text));
  await frame(2000);
  renderer.message(doneMessage(chapter, text.length));
  await frame();
}

describe("the live view", () => {
  test("shows the title and the author at once, before what draws the rest is loaded", async () => {
    await using book = openBook({ color: false });
    expect(book.terminal.raw()).toBe(
      "The Tides of Brittany\nAuthor: openai:gpt-5, chosen because OPENAI_API_KEY is set\n",
    );
  });

  test("leaves the outline, each finished chapter once, and a summary", async () => {
    await using book = openBook({ env: { LANG: "en_US.UTF-8" } });
    const { renderer, terminal, frame } = book;
    renderer.message(updateMessage({ message: "Planning the outline", current_step: "outline" }));
    await frame(1000);
    renderer.snapshot(bookView({ chapters: outlineOf(3), targetWords: 300 }));
    for (const chapter of [1, 3, 2]) await writeChapter(book, chapter);
    renderer.message(
      updateMessage({
        message: "Putting the book together",
        current_step: "assemble",
        progress: 98,
      }),
    );
    await frame();
    await renderer.finish({
      book: bookView({ status: "completed", progress: 100, words: 30, chapters: outlineOf(3, 3) }),
      files: ["books/tides/tides.epub"],
      resumeCommand: undefined,
      elapsedSeconds: 75,
    });
    await terminal.settled();

    expect(terminal.lines()).toEqual([
      "The Tides of Brittany",
      "Author: openai:gpt-5, chosen because OPENAI_API_KEY is set",
      "",
      "  1  Part 1",
      "  2  Part 2",
      "  3  Part 3",
      "",
      "✓ 1  Part 1 · 10 words · 2 s",
      "✓ 3  Part 3 · 10 words · 2 s",
      "✓ 2  Part 2 · 10 words · 2 s",
      "",
      "✓ Finished  The Tides of Brittany",
      "  3 chapters · 30 words · 1 min 15 s",
      "  books/tides/tides.epub",
    ]);
    expect(terminal.cursorVisible).toBe(true);
  });

  test("draws the whole and each chapter that is being written, at 80 by 24", async () => {
    await using book = openBook();
    const { renderer, terminal, frame } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(3), targetWords: 300 }));
    renderer.message(updateMessage({ progress: 25, current_step: "chapter 1" }));
    renderer.message(textMessage(1, 0, "Half of what is wanted. ".repeat(10)));
    renderer.message(updateMessage({ progress: 25, current_step: "chapter 2", eta_seconds: 190 }));
    await frame(1200);

    expect(terminal.lines().slice(6)).toEqual([
      "",
      "━━━━━━━━━━━━━━━━━━╸──────────────────────────────────────────────────────   25%",
      "0 of 3 chapters · 50 of 300 words · 1 s · about 3 min left",
      "",
      "▸ 1  Part 1                                       ━━━━━━━━────────     50 words",
      expect.stringMatching(/^\S 2 {2}Part 2 {39}─{16}$/),
      "  │ Half of what is wanted. Half of what is wanted. Half of what is wanted.",
      "  │ Half of what is wanted. Half of what is wanted. Half of what is wanted.",
      "  │ Half of what is wanted.",
    ]);
    expect(terminal.cursorVisible).toBe(false);
  });

  test("fits 40 by 10", async () => {
    await using book = openBook({ columns: 40, rows: 10 });
    const { renderer, terminal, frame } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(12), targetWords: 1200 }));
    renderer.message(updateMessage({ progress: 50 }));
    for (const chapter of [9, 10, 11])
      renderer.message(textMessage(chapter, 0, SENTENCE.repeat(5)));
    renderer.message(updateMessage({ progress: 50, eta_seconds: 42 }));
    await frame(1200);

    expect(terminal.screen()).toEqual([
      "  … and 7 more",
      "",
      "━━━━━━━━━━━━━━━━╸────────────────   50%",
      "0/12 · 135 words · 0:01 · ~50 s left",
      "▸  9  Part 9        ━━━───     45 words",
      "  10  Part 10       ━━━───     45 words",
      "  11  Part 11       ━━━───     45 words",
      "  │ dog. The quick brown fox jumps over",
      "  │ the lazy dog.",
      "",
    ]);
  });

  test.each([
    [20, 6],
    [10, 4],
    [5, 3],
    [1, 1],
  ])("survives a terminal of %i by %i", async (columns, rows) => {
    await using book = openBook({ columns, rows });
    book.renderer.snapshot(bookView({ chapters: outlineOf(30), targetWords: 3000 }));
    for (const chapter of [1, 2, 3]) book.renderer.message(textMessage(chapter, 0, SENTENCE));
    await book.frame(1200);
    book.renderer.notice("stopping after this step");
    await book.frame(1200);
    await book.renderer.finish({
      book: bookView(),
      files: [],
      resumeCommand: "inkwire resume 7",
      elapsedSeconds: 1,
    });
    expect(book.terminal.cursorVisible).toBe(true);
  });

  test("keeps a long outline and 200 finished chapters in order, without a copy in the scrollback", async () => {
    await using book = openBook();
    const { renderer, terminal, frame } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(200), targetWords: 20_000 }));
    expect(await firstLines(book, 18)).toContain("  … and 186 more");
    for (let chapter = 1; chapter <= 200; chapter += 1) {
      renderer.message(textMessage(chapter, 0, SENTENCE));
      renderer.message(textMessage(chapter + 1, 0, SENTENCE));
      await frame();
      renderer.message(doneMessage(chapter, SENTENCE.length));
    }
    await renderer.close();
    const done = terminal.lines().filter((line) => line.startsWith("✓"));
    expect(done.map((line) => Number(line.slice(1, 6)))).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    expect(terminal.lines().filter((line) => line.includes("%"))).toEqual([]);
  });

  test("marks in the outline of a resumed book what is done, and does not tell it again", async () => {
    await using book = openBook();
    const { renderer, terminal, frame } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(3, 2), words: 2000 }));
    renderer.message(doneMessage(1, 6000));
    renderer.message(doneMessage(2, 6000));
    await frame();
    await renderer.close();
    expect(terminal.lines().slice(3)).toEqual([
      "✓ 1  Part 1 · 1,000 words",
      "✓ 2  Part 2 · 1,000 words",
      "  3  Part 3",
    ]);
  });

  test("says how to go on when the book is not complete", async () => {
    await using book = openBook();
    await book.renderer.finish({
      book: bookView({
        status: "failed",
        chapters: outlineOf(3, 1),
        words: 1000,
        error: {
          code: "provider_failed",
          message: "the provider refused the key",
          retryable: false,
        },
      }),
      files: [],
      resumeCommand: "inkwire resume 7",
      elapsedSeconds: 5,
    });
    await book.terminal.settled();
    expect(book.terminal.lines().slice(-5)).toEqual([
      "",
      "✗ Failed  The Tides of Brittany",
      "  the provider refused the key",
      "  1 of 3 chapters · 1,000 words · 5 s",
      "  Go on with  inkwire resume 7",
    ]);
  });

  test("tells everything, also when it ends before it could draw", async () => {
    await using book = openBook();
    const { renderer, terminal } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(1) }));
    renderer.message(textMessage(1, 0, "Short. "));
    renderer.message(doneMessage(1, 7));
    renderer.notice("a word to you");
    await renderer.close();
    await terminal.settled();
    expect(terminal.lines().slice(3)).toEqual([
      "  1  Part 1",
      "",
      "✓ 1  Part 1 · 1 word",
      "› a word to you",
    ]);
    expect(terminal.cursorVisible).toBe(true);
  });

  test("counts a retry down, and ends it when the chapter goes on", async () => {
    await using book = openBook();
    const { renderer, terminal, clock, frame } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(3) }));
    const message = "Chapter 3: the provider is busy, trying again in 4 s (2 of 5)";
    const retry_at = new Date(clock.now().getTime() + 4000).toISOString();
    renderer.message(updateMessage({ message, current_step: "chapter 3", attempt: 2, retry_at }));
    await frame(500);
    expect(terminal.lines()).toContain(`↻ ${message}`);
    await frame(2000);
    expect(terminal.lines()).toContain(
      "↻ Chapter 3: the provider is busy, trying again in 2 s (2 of 5)",
    );
    expect(terminal.lines().filter((line) => line.includes("↻ 3  Part 3"))).toHaveLength(1);
    renderer.message(textMessage(3, 0, SENTENCE));
    await frame();
    expect(terminal.lines().join("\n")).not.toContain("↻");
  });

  test("tells notices and what is announced, but not the book's own notifications", async () => {
    await using book = openBook();
    const time = "2026-11-22T21:00:00.000Z";
    const notification = {
      id: "n",
      title: "A badge",
      message: "Your first book.",
      type: "success" as const,
    };
    const wire = { id: "e.3", type: "notification" as const, topic: "user/1" as const, time };
    book.renderer.message({ ...wire, data: { ...notification, kind: "badge" } });
    book.renderer.message({ ...wire, data: { ...notification, title: "Ready", kind: "book" } });
    book.renderer.notice("Stopping after this step, Ctrl-C again to stop now");
    await book.renderer.close();
    await book.terminal.settled();
    expect(book.terminal.lines().slice(2)).toEqual([
      "› A badge: Your first book.",
      "› Stopping after this step, Ctrl-C again to stop now",
    ]);
  });

  test("draws fifteen times a second at most, however many messages come", async () => {
    await using book = openBook();
    const { renderer, terminal, frame } = book;
    renderer.snapshot(bookView({ chapters: outlineOf(3), targetWords: 300 }));
    await frame();
    const before = terminal.raw().length;
    for (let index = 0; index < 10_000; index += 1)
      renderer.message(textMessage(1, index * 5, "word "));
    expect(terminal.raw()).toHaveLength(before);
    await frame(1000);
    const frames = terminal.raw().slice(before).split("\u001B[?2026h").length - 1;
    expect(frames).toBeGreaterThan(0);
    expect(frames).toBeLessThanOrEqual(16);
    expect(terminal.lines().join("\n")).toContain("10,000 of 300 words");
  });

  test("can be closed twice, also after the end", async () => {
    await using book = openBook();
    const end = {
      book: bookView({ status: "completed" }),
      files: [],
      resumeCommand: undefined,
      elapsedSeconds: 1,
    };
    await Promise.all([
      book.renderer.finish(end),
      book.renderer.close(),
      book.renderer.finish(end),
    ]);
    await book.terminal.settled();
    expect(book.terminal.lines().filter((line) => line.includes("Finished"))).toHaveLength(1);
  });
});

async function firstLines({ terminal, frame }: OpenBook, count: number): Promise<string[]> {
  await frame();
  return terminal.lines().slice(0, count);
}
