import { expect, test } from "vitest";
import { bookView, doneMessage, outlineOf, textMessage, updateMessage } from "../support/book.js";
import { openBook } from "../support/open-book.js";

const env = { INK_SCREEN_READER: "true", LANG: "en_US.UTF-8" };

test("tells the book in sentences, without signs, bars or colours", async () => {
  await using book = openBook({ env });
  const { renderer, terminal, clock, frame } = book;
  renderer.message(updateMessage({ message: "Planning the outline", current_step: "outline" }));
  await frame();
  renderer.snapshot(bookView({ chapters: outlineOf(3, 1), targetWords: 300 }));
  renderer.message(updateMessage({ progress: 45, current_step: "chapter 2" }));
  renderer.message(textMessage(2, 0, "one two three "));
  await frame(61_000);
  expect(terminal.lines().at(-1)).toBe("45 percent, 1 of 3 chapters done, writing chapter 2");

  const retry_at = new Date(clock.now().getTime() + 4000).toISOString();
  const message = "Chapter 3: the provider is busy, trying again in 4 s (2 of 5)";
  renderer.message(
    updateMessage({ progress: 47, message, current_step: "chapter 3", attempt: 2, retry_at }),
  );
  await frame();
  expect(terminal.lines().slice(-2)).toEqual([
    "45 percent, 1 of 3 chapters done, writing chapters 2, 3",
    "Chapter 3: the provider is busy, trying again in 4 seconds (2 of 5)",
  ]);
  renderer.message(doneMessage(2, 14));
  await frame();
  await renderer.finish({
    book: bookView({ status: "completed", words: 2003, chapters: outlineOf(3, 3) }),
    files: ["books/tides.epub"],
    resumeCommand: undefined,
    elapsedSeconds: 125,
  });
  await terminal.settled();
  expect(terminal.lines()).toEqual([
    "The Tides of Brittany",
    "Author: openai:gpt-5, chosen because OPENAI_API_KEY is set",
    "Outline, 3 chapters:",
    "Chapter 1: Part 1, done",
    "Chapter 2: Part 2",
    "Chapter 3: Part 3",
    "Done: Chapter 2: Part 2, 3 words, 1 minute 1 second",
    "Done: Chapter 3: Part 3, 1,000 words",
    "The Tides of Brittany is complete.",
    "3 of 3 chapters, 2,003 words, 2 minutes 5 seconds.",
    "Saved: books/tides.epub",
  ]);
  expect(terminal.cursorVisible).toBe(true);
});

test("is silent while there is nothing new to say", async () => {
  await using book = openBook({ env });
  const { renderer, terminal, frame } = book;
  renderer.snapshot(bookView({ chapters: outlineOf(3), targetWords: 300 }));
  renderer.message(updateMessage({ progress: 41, current_step: "chapter 1" }));
  await frame(1000);
  const before = terminal.raw();
  for (let index = 0; index < 50; index += 1) {
    renderer.message(textMessage(1, index * 5, "word "));
    renderer.message(updateMessage({ progress: 41 + index / 20, current_step: "chapter 1" }));
    await frame(1000);
  }
  expect(terminal.raw()).toBe(before);
});
