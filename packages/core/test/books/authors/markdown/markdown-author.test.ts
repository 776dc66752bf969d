import { describe, expect, it } from "vitest";
import { createMarkdownAuthor } from "../../../../src/books/authors/markdown/markdown-author.js";
import { planSource } from "../../../../src/books/source/plan-source.js";
import type { BookRequest } from "../../../../src/books/types.js";
import { isInkwireError } from "../../../../src/protocol/index.js";

const request: BookRequest = {
  title: "My notes",
  brief: "",
  chapters: 2,
  words: 1_000,
  language: "en",
  author: "markdown",
};
const plan = planSource([
  {
    path: "x.md",
    bytes: new TextEncoder().encode(
      "# Notes\n\n## One\n\n- list\n\nThe *sea* has gone.\n\n## Two\n\n" +
        "🌊 wave ".repeat(30_000),
    ),
  },
]);
const idle = new AbortController().signal;

async function chapterOf(
  number: number,
  signal = idle,
  onPiece: () => void = () => {},
): Promise<string[]> {
  const author = createMarkdownAuthor(plan);
  const outline = await author.outline(request, { signal: idle, write: () => {} });
  const chapter = outline.chapters[number - 1] ?? { number, title: "", summary: "", words: 0 };
  const pieces: string[] = [];
  await author.chapter(
    { request, outline, chapter, bookId: 1 },
    {
      signal,
      write: (text) => {
        pieces.push(text);
        onPiece();
      },
    },
  );
  return pieces;
}

describe("the Markdown author", () => {
  it("makes the outline of the source: titles, lengths, first sentences, and the source's own title as premise", async () => {
    const outline = await createMarkdownAuthor(plan).outline(request, {
      signal: idle,
      write: () => {},
    });
    expect(outline).toMatchObject({ title: "My notes", premise: "Notes" });
    expect(outline.chapters.map(({ title, words }) => `${title} ${words}`)).toEqual([
      "One 5",
      "Two 30000",
    ]);
    expect(outline.chapters[0]?.summary).toBe("The sea has gone.");
    expect(outline.chapters[1]?.summary.length).toBeLessThanOrEqual(241);
  });

  it("keeps a heading above all chapters that says something else than the front matter", async () => {
    const own = (heading: string) =>
      planSource([
        {
          path: "x.md",
          bytes: new TextEncoder().encode(
            `---\ntitle: Tides\n---\n# ${heading}\n\n## One\n\na\n\n## Two\n\nb`,
          ),
        },
      ]);
    const premiseOf = async (heading: string, title: string) => {
      const asked = { ...request, title };
      const call = { signal: idle, write: () => {} };
      return (await createMarkdownAuthor(own(heading)).outline(asked, call)).premise;
    };
    expect(await premiseOf("A guide to the *coast*", "Tides")).toBe("A guide to the coast");
    expect(await premiseOf("A guide", "My notes")).toBe("Tides\n\nA guide");
    expect(await premiseOf("TIDES", "Tides")).toBe("");
  });

  it("streams the text as it is, in pieces under 64 KiB that cut no character", async () => {
    const pieces = await chapterOf(2);
    expect(pieces.join("")).toBe(plan.chapters[1]?.text);
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) {
      expect(Buffer.byteLength(piece)).toBeLessThan(65_536);
      expect(piece.isWellFormed()).toBe(true);
    }
  });

  it("stops in the middle of a chapter when it is told to", async () => {
    const abort = new AbortController();
    const reason = new Error("cancelled");
    let pieces = 0;
    const failed = await chapterOf(2, abort.signal, () => {
      if ((pieces += 1) === 2) abort.abort(reason);
    }).catch((error: unknown) => error);
    expect(failed).toBe(reason);
    expect(pieces).toBe(2);
  });

  it("refuses a request for another number of chapters, and a chapter that the source has not", async () => {
    const other = await createMarkdownAuthor(plan)
      .outline({ ...request, chapters: 3 }, { signal: idle, write: () => {} })
      .catch((error: unknown) => error);
    expect(isInkwireError(other, "invalid_request")).toBe(true);
    expect(
      isInkwireError(await chapterOf(9).catch((error: unknown) => error), "source_unreadable"),
    ).toBe(true);
  });
});
