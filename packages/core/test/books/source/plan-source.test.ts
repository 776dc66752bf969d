import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSource, type SourcePlan } from "../../../src/books/source/plan-source.js";
import { isInkwireError } from "../../../src/protocol/index.js";
import { png, svg } from "../exporters/documents.js";

const bytesOf = (content: string | Uint8Array) =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;
const plan = (files: Record<string, string | Uint8Array>): SourcePlan =>
  planSource(Object.entries(files).map(([path, content]) => ({ path, bytes: bytesOf(content) })));
const outline = (made: SourcePlan) => made.chapters.map(({ title, text }) => `${title} = ${text}`);

function refusal(files: Record<string, string | Uint8Array>): string {
  try {
    plan(files);
  } catch (error) {
    if (isInkwireError(error)) return error.message;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** Letters and digits. Not words: markup may part or join them. */
const lettersIn = (markdown: string) => markdown.match(/[\p{L}\p{N}]/gu) ?? [];

/** Without what may be the address of a link, which is rewritten: also in angles, and on the line after the bracket. */
const withoutAddresses = (markdown: string) =>
  markdown.replace(/^\[r\]: x\.md$/gm, "").replace(/\]\(\s*(?:<[^>\n]*>|[^)\s]*)/g, "](");

/** Whether all that `text` says is in `book`, in this order, perhaps with more between. */
function isAllIn(text: string, book: string): boolean {
  const wanted = lettersIn(withoutAddresses(text));
  let at = 0;
  for (const letter of lettersIn(book)) if (letter === wanted[at]) at += 1;
  return at === wanted.length;
}

describe("planSource with one file", () => {
  it("cuts at the highest headings that come twice, and keeps what stands before them", () => {
    expect(
      outline(plan({ "b.md": "# Book\n\nHello.\n\n## One\n\na\n\n### Sub\n\nb\n\n## Two\n\nc\n" })),
    ).toEqual(["Book = Hello.", "One = a\n\n### Sub\n\nb", "Two = c"]);
  });

  it("takes a heading that stands alone above the chapters as the title of the whole", () => {
    const made = plan({ "b.md": "# Book\n\n## One\na\n## Two\nb" });
    expect(made.title).toBe("Book");
    expect(outline(made)).toEqual(["One = a", "Two = b"]);
  });

  it("counts underlined headings, and none inside of code, lists and quotations", () => {
    const text = "One\n===\n\n```\n# no\n```\n\n> # no\n\n- # no\n\n    # no\n\nTwo\n===\nb";
    expect(outline(plan({ "b.md": text }))).toEqual([
      "One = ```\n# no\n```\n\n> # no\n\n- # no\n\n    # no",
      "Two = b",
    ]);
  });

  it("is one chapter without repeated headings, called after its heading or its name", () => {
    expect(outline(plan({ "02-first_steps.md": "text" }))).toEqual(["First steps = text"]);
    expect(outline(plan({ "x.md": "# The *Sea* & `me`\ntext" }))).toEqual(["The Sea & me = text"]);
    expect(outline(plan({ "x.md": '---\ntitle: "Tides"\ntags:\n  - a\n---\ntext' }))).toEqual([
      "Tides = text",
    ]);
  });

  it("does not take text between two rules for front matter", () => {
    expect(outline(plan({ "x.md": "---\n\nHello world\n\n---\nmore" }))).toEqual([
      "X = ---\n\nHello world\n\n---\nmore",
    ]);
  });

  it("lets a heading without text open the next chapter, and stay in the last", () => {
    expect(outline(plan({ "x.md": "# A\n\n# B\n\nb\n\n# C" }))).toEqual(["A = # B\n\nb\n\n# C"]);
    expect(outline(plan({ "x.md": "# Only" }))).toEqual(["Only = # Only"]);
  });

  it("keeps links to headings and link definitions working across the cut", () => {
    const made = plan({
      "x.md":
        "# A\n\nSee [c](#c-1), [the web][w].\n\n## C\n\n# B\n\n[a](#a) [sub](#C)\n\n## C\n\ntext [W]\n\n[w]: https://a.b",
    });
    expect(outline(made)).toEqual([
      "A = See [c](chapter:2#c), [the web][w].\n\n## C\n\n[w]: https://a.b",
      "B = [a](chapter:1) [sub](chapter:1#c)\n\n## C\n\ntext [W]\n\n[w]: https://a.b",
    ]);
  });

  it("refuses more chapters than a book may have", () => {
    expect(refusal({ "x.md": "# A\na\n".repeat(201) })).toBe(
      "The source makes 201 chapters; a book has at most 200.",
    );
  });
});

describe("planSource with several files", () => {
  it("makes a chapter of each, with links between them and pictures by name", () => {
    const made = plan({
      "guide/index.md":
        "# Start\n\n[next](./next.md#The-Way) [page](next.html) [folder](../guide/) ![logo](../img/logo.png 'L') [web](https://a.b) [lost](lost.md)",
      "guide/next.md":
        "---\ntitle: Next\n---\n## The Way\n\ntext\n\n### Sub\n\n[back](index.md) [here](#sub) ![w]\n\n[w]: ../img/wave.svg\n\n```\n[code](index.md)\n```",
      "img/logo.png": png.bytes,
      "img/wave.svg": svg.bytes,
    });
    expect(outline(made)).toEqual([
      "Start = [next](chapter:2) [page](chapter:2) [folder](chapter:1) ![logo](image-1.png 'L') [web](https://a.b) [lost](lost.md)",
      "The Way = text\n\n### Sub\n\n[back](chapter:1) [here](chapter:2#sub) ![w]\n\n[w]: image-2.svg\n\n```\n[code](index.md)\n```",
    ]);
    expect(made.images.map(({ name, mediaType }) => `${name} ${mediaType}`)).toEqual([
      "image-1.png image/png",
      "image-2.svg image/svg+xml",
    ]);
    expect(made.problems).toEqual([]);
  });

  it("tells of pictures that are missing or none, and of empty files", () => {
    const made = plan({
      "a.md": "![x](no.png) ![y](fake.png) ![z](https://a.b/c.png)",
      "b.md": " \n",
      "fake.png": "not a picture",
    });
    expect(made.problems).toEqual([
      "b.md is empty.",
      "a.md: the picture no.png is missing or is none; its description stands in its place.",
      "a.md: the picture fake.png is missing or is none; its description stands in its place.",
    ]);
    expect(made.images).toEqual([]);
    expect(made.chapters).toHaveLength(1);
  });
});

describe("planSource with odd bytes", () => {
  it("reads UTF-8 and UTF-16 with a byte order mark, CRLF, and Windows-1252", () => {
    expect(outline(plan({ "a.md": "\uFEFF# Été\r\n\r\na\r\nb" }))).toEqual(["Été = a\nb"]);
    expect(
      outline(plan({ "a.md": new Uint8Array([0xff, 0xfe, ...Buffer.from("# Ä\nx", "utf16le")]) })),
    ).toEqual(["Ä = x"]);
    const made = plan({ "a.md": new Uint8Array([0x23, 0x20, 0xc9, 0x74, 0xe9, 0x0a, 0x78]) });
    expect(outline(made)).toEqual(["Été = x"]);
    expect(made.problems).toEqual(["a.md is not UTF-8; it was read as Windows-1252."]);
  });

  it("says how much of damaged UTF-8 could not be read", () => {
    const made = plan({
      "a.md": new Uint8Array([...Buffer.from("é "), 0xff, ...Buffer.from(" x")]),
    });
    expect(outline(made)).toEqual(["A = é \uFFFD x"]);
    expect(made.problems).toEqual(["a.md is not valid UTF-8: 1 characters could not be read."]);
  });

  it("refuses what is no text, and no text at all, by name", () => {
    expect(refusal({ "a.md": new Uint8Array([0, 1, 2, 3]) })).toBe(
      "Source: a.md is not a text file.",
    );
    expect(refusal({ "a.md": "" })).toBe("Source: a.md has no text.");
    expect(refusal({ "a.png": png.bytes })).toBe("Source: a.png has no text.");
    expect(refusal({})).toBe("Source: there is no file.");
  });

  it("takes 10 MB in headed parts, and refuses them as one chapter", () => {
    const part = `${"Tide ".repeat(10_000)}\n\n`;
    const big = Array.from({ length: 200 }, (_, index) => `# Part ${index + 1}\n\n${part}`).join(
      "",
    );
    const made = plan({ "big.md": big });
    expect(made.chapters).toHaveLength(200);
    expect(made.chapters.at(-1)?.text).toBe(part.trimEnd());
    expect(refusal({ "big.md": part.repeat(200) })).toContain("at most 8388608");
  });
});

describe("planSource", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "# Head",
      "## Sub",
      "### Deep",
      "",
      "",
      "```",
      "~~~js",
      "| a | b |",
      "|---|---|",
      "- item",
      "> quote",
      "===",
      "---",
      "    code",
      "[r]: x.md",
      "[l](#head)",
      "![p](p.png)",
      "Text `x` y",
      "1. one",
      "+++",
      "title: x",
    ),
    fc.stringMatching(/^[a-zé日 #*_`[\]()<>|-]{0,20}$/u),
  );
  const document = fc.array(line, { maxLength: 40 }).map((lines) => lines.join("\n"));

  it("keeps every word of any single file, in order", () => {
    fc.assert(
      fc.property(document, (text) => {
        fc.pre(text.trim() !== "" && !/^(?:---|\+\+\+)/.test(text));
        const made = plan({ "x.md": text });
        const out = [
          made.title ?? "",
          ...made.chapters.map(({ title, text: body }) => `${title}\n${body}`),
        ].join("\n");
        expect(isAllIn(text, out)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("rewrites an address on the line after its bracket, and nothing else there", () => {
    const made = plan({
      "a.md": 'See [the\nport](\n#日 "Brest").',
      "b.md": "# 日\n\n[a](<a.md#日 x>)",
    });
    expect(made.chapters.map(({ text }) => text)).toEqual([
      'See [the\nport](\nchapter:1 "Brest").',
      "[a](chapter:1)",
    ]);
  });

  it("keeps every word of several files, in order, and never makes an empty chapter", () => {
    fc.assert(
      fc.property(document, document, (first, second) => {
        fc.pre(
          first.trim() !== "" && second.trim() !== "" && !/^(?:---|\+\+\+)/m.test(first + second),
        );
        const made = plan({ "a.md": first, "b.md": second });
        expect(made.chapters.every(({ text }) => text.trim() !== "")).toBe(true);
        const out = made.chapters.map(({ title, text }) => `${title}\n${text}`).join("\n");
        expect(isAllIn(`${first}\n${second}`, out)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
