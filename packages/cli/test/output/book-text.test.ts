import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { bookJson, formatBook, formatBookTable, statusWord } from "../../src/output/book-text.js";
import { createPaint } from "../../src/output/color.js";
import { plannedBook } from "../support/planned-book.js";

const plain = createPaint(false);
const now = new Date("2026-11-22T21:15:30.000Z");

describe("the table of books", () => {
  it("aligns its columns, colour or not", () => {
    const books = [
      { ...plannedBook(), id: 12, status: "completed", progress: 100, words: 14_400 } as const,
      {
        ...plannedBook({ title: "Ports" }),
        id: 7,
        stopped: true,
        updatedAt: "2026-01-02T00:00:00.000Z",
      },
    ];
    const table = formatBookTable(books, plain, now);
    expect(table).toBe(
      [
        "ID  STATUS     DONE   WORDS  CHANGED     TITLE",
        "12  completed  100%  14,400  5 min ago   The Tides of Brittany",
        " 7  stopped     10%       0  2026-01-02  Ports",
        "",
      ].join("\n"),
    );
    const colored = formatBookTable(books, createPaint(true), now);
    expect(stripVTControlCharacters(colored)).toBe(table);
  });

  it.each([
    [80, "12  completed  100%  14,400  5 min ago  The Tides of Brittany and What They Lea…"],
    [50, "12  completed  100%  14,400  The Tides of Brittan…"],
    [40, "12  completed  100%  The Tides of Britt…"],
    // Less is no terminal that anybody reads on.
    [10, "12  completed  100%  The Tides of Br…"],
  ])("is one line a book in a terminal of %i columns", (columns, line) => {
    const title = "The Tides of Brittany and What They Leave Behind";
    const done = { status: "completed", progress: 100, words: 14_400 } as const;
    const book = { ...plannedBook({ title }), id: 12, ...done };
    const [header = "", first] = formatBookTable([book], plain, now, columns).split("\n");
    expect(first).toBe(line);
    expect(header.length).toBeLessThanOrEqual(line.length);
  });

  it("is one safe line a book", () => {
    const book = plannedBook({ title: `\u001B[2Ja\nb\u202E${"x".repeat(10_000)}` });
    const [, line = "", end] = formatBookTable([book], plain, now).split("\n");
    expect(line.length).toBeLessThan(140);
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(end).toBe("");
  });
});

describe("the page of a book", () => {
  it("tells how to go on, where that is possible", () => {
    const book = plannedBook();
    expect(formatBook(book, plain)).not.toContain("resume");
    expect(formatBook({ ...book, stopped: true }, plain)).toContain("inkwire resume 7");
    expect(formatBook({ ...book, status: "failed" }, plain)).toContain("inkwire resume 7");
    expect(formatBook({ ...book, status: "completed" }, plain)).not.toContain("resume");
  });

  it("tells a chapter that was begun from one that nobody has written at", () => {
    const book = { ...plannedBook(), stopped: true };
    const [first, ...others] = book.chapters;
    if (first === undefined) throw new Error("expected chapters");
    const page = formatBook({ ...book, chapters: [{ ...first, words: 210 }, ...others] }, plain);
    expect(page).toMatch(/^ {2}begun {4}1\. .* {2}210 words$/m);
    expect(page).toMatch(/^ {2}waiting {2}2\. /m);
  });

  it("breaks what is read between words", () => {
    const premise = "What is lost at the beginning, and who goes to find it?";
    const page = formatBook({ ...plannedBook(), premise }, plain, {}, 24);
    expect(page).toContain("What is lost at the\nbeginning, and who goes\nto find it?\n");
  });

  it("keeps what models say on its lines", () => {
    const evil = "\u001B]0;x\u0007a\nb";
    const book = {
      ...plannedBook({ title: evil }),
      premise: evil,
      author: { id: "a", label: evil },
    };
    const page = formatBook(book, plain);
    expect(page).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(page.split("\n")[0]).toBe("a b");
  });
});

it("says what a status means to the owner", () => {
  expect(statusWord(plannedBook())).toBe("writing");
  expect(statusWord({ ...plannedBook(), stopped: true })).toBe("stopped");
  expect(statusWord({ ...plannedBook(), status: "queued" })).toBe("queued");
});

it("prints JSON in snake_case, as on the wire", () => {
  const json = JSON.parse(JSON.stringify(bookJson(plannedBook()))) as Record<string, unknown>;
  expect(json).toMatchObject({ book_id: 7, task_id: "task-7", target_words: 3600 });
  expect(Object.keys(json)).not.toContain("error");
  expect(JSON.stringify(json)).not.toMatch(/"[a-z]+[A-Z][a-zA-Z]*":/);
});
