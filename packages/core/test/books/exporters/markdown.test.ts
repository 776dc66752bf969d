import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exporterFor } from "../../../src/books/exporters/exporter-for.js";
import { createMarkdownParser } from "../../../src/books/markdown/parser.js";
import { documents } from "./documents.js";

const markdown = await exporterFor("markdown");
const textOf = async (document: Parameters<typeof markdown.export>[0]) =>
  new TextDecoder().decode(await markdown.export(document));
const withText = (text: string) =>
  textOf({
    ...documents.plain,
    premise: undefined,
    chapters: [
      { number: 1, title: "One", text },
      { number: 2, title: "Two", text: "end" },
    ],
  });

describe("the Markdown exporter", () => {
  it("makes one readable file: title, contents, chapters, pictures at the end", async () => {
    const text = await textOf(documents.plain);
    expect(text).toMatch(/^# The Tides of Brittany\n\n\*Anne Le Goff\*\n\nWhy the sea/);
    expect(text).toContain("- [2\\. High Water](#chapter-2)");
    expect(text).toContain('<a id="chapter-2"></a>\n\n## 2\\. High Water\n\n### The harbour');
    expect(text).toContain("[the harbour](#the-harbour), [chapter two](#chapter-2)");
    expect(text).toContain("![Wave][image-3.svg]");
    expect(text.trimEnd().split("\n").at(-3)).toMatch(/^\[image-1\.png\]: data:image\/png;base64,/);
  });

  it("says who planned it and what is missing", async () => {
    expect(await textOf(documents.planned)).toContain(`> ${documents.planned.notice}`);
    expect(await textOf(documents.unfinished)).toContain(
      "> Unfinished: 2 of 12 chapters are written.",
    );
  });

  it("loads and runs nothing in a viewer that shows HTML and pictures", async () => {
    const viewer = createMarkdownParser().set({ html: true });
    for (const document of Object.values(documents)) {
      const text = await textOf(document);
      const html = viewer.render(text.replace(/<a id="chapter-\d+"><\/a>/g, ""));
      for (const [, source = ""] of html.matchAll(/<img[^>]* src="([^"]*)"/g))
        expect(source).toMatch(/^data:image\//);
      expect(html).not.toMatch(
        /<(?:script|img src=x|b>)|href="(?:javascript|data|file|vbscript):/i,
      );
    }
  });

  it("takes any text without a tag or outside picture coming through", async () => {
    const viewer = createMarkdownParser().set({ html: true });
    const parts = fc.constantFrom(
      "<b>",
      "<!--",
      "![a](http://x/y)",
      "![r]",
      "[r]: http://x/z\n",
      "`",
      "\n\n",
      "\\",
      "    ",
      "- ",
      "> ",
      "```\n",
      "[",
      "](",
      "<a ",
      "</",
      "x",
      "|",
      "\n",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 25 }), async (pieces) => {
        const html = viewer.render(
          (await withText(pieces.join(""))).replace(/<a id="chapter-\d+"><\/a>/g, ""),
        );
        expect(html).not.toMatch(/<img[^>]* src="http|<b>|<!--|<a (?!href)/);
      }),
      { numRuns: 300 },
    );
  });

  it("closes a block of code that a chapter left open, so that the next chapter is one", async () => {
    expect(await withText("````js\nlet a;")).toContain('let a;\n````\n\n<a id="chapter-2"></a>');
  });

  it("moves headings below the chapter's own, underlined ones too", async () => {
    expect(await withText("Title\n=====\n\ntext\n\n## Sub")).toContain(
      "### Title\n\ntext\n\n#### Sub",
    );
    expect(await withText("```\n# no heading\n```\n\n# One\ntext")).toContain(
      "```\n# no heading\n```\n\n### One\ntext",
    );
  });

  it("makes the same bytes of equal documents", async () => {
    for (const document of Object.values(documents)) {
      expect(await textOf(structuredClone(document))).toBe(await textOf(document));
    }
  });
});
