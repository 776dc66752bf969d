import { expect, test } from "vitest";
import { bookView, doneMessage, outlineOf, textMessage, updateMessage } from "../support/book.js";
import { openBook } from "../support/open-book.js";

/** Sets the window's title, clears the screen, moves the cursor, writes to the clipboard, rings, hides, reorders. */
const HOSTILE =
  "A\u001B]0;owned\u0007B\u001B[2J\u001B[3;1HC\u009B31mD\u001B]52;c;b3duZWQ=\u001B\\E\u0007\u0000F\u202Eesrever\u202C\u200FG\uD800H\u001B[?25l\r\nI\tJ";

/** One that begins with ESC (ECMA-48 section 5.4), or at least its first character. */
const SEQUENCE = new RegExp(String.raw`\u001B(?:\[[0-?]*[ -/]*[@-~]|.)`, "gu");
const COLOR = new RegExp(String.raw`\u001B\[[\d;]*m`);

test("lets no escape sequence of a title, a text, a message or a path act", async () => {
  await using book = openBook({ title: HOSTILE, author: HOSTILE, color: false });
  const { renderer, terminal, frame } = book;
  const chapters = outlineOf(3, 0, HOSTILE);
  renderer.snapshot(bookView({ title: HOSTILE, chapters }));
  renderer.message(updateMessage({ book_title: HOSTILE, message: HOSTILE }));
  await frame();
  // A sequence in two pieces is one again in the text.
  renderer.message(textMessage(1, 0, `${HOSTILE} and \u001B`));
  renderer.message(textMessage(1, HOSTILE.length + 6, `]0;owned again\u0007 on. `));
  renderer.notice(HOSTILE);
  await frame();
  renderer.message(doneMessage(1, 100));
  await frame();
  await renderer.finish({
    book: bookView({
      title: HOSTILE,
      status: "failed",
      error: { code: "provider_failed", message: HOSTILE, retryable: false },
    }),
    files: [`books/${HOSTILE}.epub`],
    resumeCommand: "inkwire resume 7",
    elapsedSeconds: 1,
  });
  await terminal.settled();

  expect(terminal.title).toBe("");
  expect(terminal.cursorVisible).toBe(true);
  // What is drawn with: the frame's bounds, the cursor, erasing, moving; nothing else.
  const sequences = terminal.raw().match(SEQUENCE) ?? [];
  expect(
    sequences.filter((code) => !/^.\[(?:\?2026[hl]|\?25[hl]|\d*[ABEGJK])$/.test(code)),
  ).toEqual([]);
  const printed = terminal.raw().replaceAll(SEQUENCE, "");
  expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
  expect(terminal.lines()[0]).toBe("ABCDEFesreverG\uFFFDH I J");
  expect(terminal.lines().filter((line) => line.startsWith("✓ 1  Part 1ABC"))).toHaveLength(1);
});

test("keeps lines in their columns with wide, combined and right-to-left text", async () => {
  await using book = openBook({ columns: 60 });
  const titles = [
    "潮の満ち引きについての長い長い物語、そしてその続きの話",
    "e\u0301".repeat(40),
    "👨‍👩‍👧‍👦 ❤️ 🇫🇷 👍🏽 family",
    "مد وجزر",
    `Z${"\u0301".repeat(500)}algo`,
  ];
  const chapters = outlineOf(5).map((chapter, index) =>
    Object.assign({}, chapter, { title: titles[index] }),
  );
  book.renderer.snapshot(bookView({ chapters }));
  for (const chapter of [1, 2, 3])
    book.renderer.message(textMessage(chapter, 0, `${titles.join(" ")} `.repeat(4)));
  await book.frame(1000);
  const lines = book.terminal.lines();
  // Each line in one row of its own, with its figures in the same columns.
  expect(lines.filter((line) => line.includes("words") && !line.includes("·"))).toHaveLength(3);
  expect(lines.some((line) => line.includes("👨 ❤ 🇫🇷 👍 family"))).toBe(true);
  const blank = lines.findIndex((line, index) => index > 3 && line === "");
  expect(lines.length - blank).toBe(10);
});

test("draws with ASCII alone where the locale is not UTF-8", async () => {
  await using book = openBook({
    env: { LC_ALL: "C", LANG: "en_US.UTF-8" },
    title: "Marées d’été — “潮”",
  });
  book.renderer.snapshot(bookView({ chapters: outlineOf(3), title: "Marées" }));
  book.renderer.message(textMessage(1, 0, "Déjà vu… "));
  await book.frame(1000);
  book.renderer.message(doneMessage(1, 9));
  await book.frame();
  await book.renderer.finish({
    book: bookView({ title: "Marées" }),
    files: [],
    resumeCommand: "inkwire resume 7",
    elapsedSeconds: 1,
  });
  await book.terminal.settled();
  expect(book.terminal.lines()[0]).toBe(`Marees d'ete - "?"`);
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  expect(book.terminal.raw()).toMatch(/^[\u0000-\u007f]*$/);
});

test("writes no colour where it is not wanted, and says the same without", async () => {
  await using book = openBook({ color: false });
  await using colored = openBook({ color: true });
  for (const { renderer, frame } of [book, colored]) {
    renderer.snapshot(bookView({ chapters: outlineOf(3), targetWords: 300 }));
    renderer.message(updateMessage({ progress: 40 }));
    renderer.message(textMessage(1, 0, "Some words. "));
    await frame(1000);
  }
  expect(book.terminal.raw()).not.toMatch(COLOR);
  expect(colored.terminal.raw()).toContain("\u001B[36m");
  expect(book.terminal.lines()).toEqual(colored.terminal.lines());
});
