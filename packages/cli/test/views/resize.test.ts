import { expect, test } from "vitest";
import { bookView, outlineOf, textMessage, updateMessage } from "../support/book.js";
import { openBook, type OpenBook } from "../support/open-book.js";

async function openWritten(columns: number, rows: number): Promise<OpenBook> {
  const book = openBook({ columns, rows });
  book.renderer.snapshot(bookView({ chapters: outlineOf(8), targetWords: 800 }));
  book.renderer.message(updateMessage({ progress: 30 }));
  for (const chapter of [1, 2, 3]) {
    book.renderer.message(
      textMessage(chapter, 0, "The quick brown fox jumps over the lazy dog. ".repeat(8)),
    );
  }
  await book.frame(1000);
  return book;
}

/** How often each of what is there once is found: header and outline stay as they are, above one live region. */
function copies({ terminal }: OpenBook): Record<string, number> {
  const text = terminal.lines().join("\n");
  const once = ["The Tides of Brittany", "8  Part 8", "30%", "▸"];
  return Object.fromEntries(once.map((part) => [part, text.split(part).length - 1]));
}

const ONE_COPY = { "The Tides of Brittany": 1, "8  Part 8": 1, "30%": 1, "▸": 1 };

test.each([
  ["a window that is dragged narrower", [99, 97, 90, 84, 80, 77, 70, 62, 55, 48, 44, 40]],
  ["a window that is halved", [50]],
  ["a window that is halved and made wide again", [50, 100]],
  ["a window that is dragged to and fro", [95, 80, 70, 75, 80, 70, 60, 90, 100]],
])("draws one live region in %s", async (_case, widths) => {
  await using book = await openWritten(100, 30);
  for (const columns of widths) {
    await book.terminal.resize(columns, 30);
    await book.frame(50);
    expect(copies(book)).toEqual(ONE_COPY);
  }
  await book.frame(1000);
  expect(copies(book)).toEqual(ONE_COPY);
});

test("draws one live region while a window gets lower and higher", async () => {
  await using book = await openWritten(80, 30);
  for (const rows of [28, 24, 18, 14, 20, 30]) {
    await book.terminal.resize(80, rows);
    await book.frame(200);
    expect(copies(book)).toEqual(ONE_COPY);
  }
});

test("fills the new width once the window rests", async () => {
  await using book = await openWritten(100, 30);
  await book.terminal.resize(60, 30);
  await book.frame(1000);
  const bar = book.terminal.lines().find((line) => line.includes("%"));
  expect(bar).toHaveLength(59);
});

test("leaves lines to terminals that cut them instead of wrapping", async () => {
  await using book = openBook({
    columns: 100,
    env: { TERM: "xterm", XTERM_VERSION: "XTerm(390)" },
  });
  book.renderer.message(updateMessage({ progress: 30 }));
  await book.frame(1000);
  const before = book.terminal.raw().length;
  await book.terminal.resize(40, 24);
  expect(book.terminal.raw().slice(before)).not.toContain("\u001B[J");
});
