import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBookRenderer } from "../../../src/books/markdown/book-renderer.js";
import { documents, nastyText } from "../exporters/documents.js";
import { loadXmlParser } from "../exporters/xml.js";

const parse = await loadXmlParser();

function render(text: string, language = "en"): string {
  const chapters = [
    { number: 1, title: "One", text },
    { number: 2, title: "Two", text: "## Sea\n\n## Sea" },
  ];
  return createBookRenderer(
    { ...documents.plain, language, chapters },
    {
      chapter: (number) => `${number}.xhtml`,
      anchor: (number, id) => `${number}.xhtml#${id}`,
      image: (name) => `images/${name}`,
      topHeading: 2,
    },
  ).chapter({ number: 1, text });
}

/** Pieces of Markdown and of attacks on it, glued at random. */
const hostileMarkdown = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "# ",
        "## ",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "    ",
        "```",
        "```js\n",
        "`",
        "**",
        "*",
        "_",
        "~~",
        "|",
        "|-|-|\n",
        "[",
        "](",
        ")",
        "![",
        "]: ",
        "[^1]: x",
        "<",
        ">",
        "&",
        "&#12;",
        "&#x1F;",
        "&#xFFFE;",
        "&lt",
        "]]>",
        "<!--",
        "<script>",
        "javascript:",
        "data:",
        "https://a.b/",
        "chapter:2#sea",
        "#",
        "image-1.png",
        "\\",
        '"',
        "'",
        "\0",
        "\u001B",
        "\u202E",
        "\uD800",
        "\uFFFF",
        "---\n",
        "===\n",
        "<https://x.y>",
        "\t",
        "²",
        "é",
        "日本",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

describe("the book renderer", () => {
  it("makes well-formed XML without scripts, handlers and outside sources of any Markdown", () => {
    fc.assert(
      fc.property(hostileMarkdown, (text) => {
        const xhtml = render(text);
        expect(() => parse(`<body>${xhtml}</body>`)).not.toThrow();
        for (const [, tag = "", attributes = ""] of xhtml.matchAll(
          /<([a-z0-9]+)((?:\s[^>]*)?)>/g,
        )) {
          expect(tag).not.toMatch(/^(?:script|iframe|object|embed|style|link|meta|form|svg)$/);
          expect(attributes).not.toMatch(/\s(?:on\w+|style)=/);
        }
        for (const [, source = ""] of xhtml.matchAll(/ src="([^"]*)"/g))
          expect(source).toMatch(/^images\/image-\d\.\w+$/);
        for (const [, href = ""] of xhtml.matchAll(/ href="([^"]*)"/g))
          expect(href).toMatch(/^(?:https?:\/\/|mailto:|[12]\.xhtml)/);
      }),
      { numRuns: 400 },
    );
  });

  it("shows only pictures of the book, and the description of others", () => {
    const xhtml = render(
      "a ![Dot *x*](image-1.png) ![remote](https://evil.test/t.gif) ![file](file:///etc/passwd) ![data](data:image/png;base64,AA==)",
    );
    expect(xhtml).toBe('<p>a <img src="images/image-1.png" alt="Dot x" /> remote file data</p>\n');
  });

  it("keeps the text of links that lead nowhere", () => {
    expect(
      render("[js](javascript:alert(1)) [*rel*](../x.md) [gone](#gone) [nine](chapter:9)"),
    ).toBe("<p>js <em>rel</em> gone nine</p>\n");
  });

  it("links to headings of other chapters, of which two have the same name", () => {
    expect(render("[a](chapter:2#sea) [b](chapter:2#sea-1) [c](chapter:2)")).toBe(
      '<p><a href="2.xhtml#c2-sea">a</a> <a href="2.xhtml#c2-sea-1">b</a> <a href="2.xhtml">c</a></p>\n',
    );
  });

  it("puts the headings of a chapter below its title, whatever level they begin at", () => {
    expect(render("#### Low\n\n###### Lower")).toContain(
      '<h2 id="c1-low">Low</h2>\n<h4 id="c1-lower">',
    );
    expect(render("# High\n\n###### Low")).toContain(
      '<h2 id="c1-high">High</h2>\n<h6 id="c1-low">',
    );
  });

  it("keeps code to the character", () => {
    const code = "if (a < b && \"c\") {\n\treturn 'x' -- (c) ...;\n}\n\n\n  end ";
    expect(render(`\`\`\`\n${code}\n\`\`\``)).toBe(
      `<pre dir="ltr"><code>${code.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")}\n</code></pre>\n`,
    );
  });

  it("aligns cells by class and numbers lists from their own first number", () => {
    const xhtml = render("| a | b |\n| :- | -: |\n| 1 | 2 |\n\n7. seven");
    expect(xhtml).toContain('<td class="align-right">2</td>');
    expect(xhtml).toContain('<ol start="7">');
  });

  it("sets the quotation marks of the language and leaves (c) and -- alone", () => {
    expect(render('"Sea" (c) -- ...')).toBe("<p>“Sea” (c) -- ...</p>\n");
    expect(render('"Meer"', "de-AT")).toBe("<p>„Meer“</p>\n");
    expect(render('"mer"', "fr")).toBe("<p>«\u00A0mer\u00A0»</p>\n");
  });

  it("loses no footnote", () => {
    expect(render("Text[^1]\n\n[^1]: note")).toContain("[^1]: note");
  });

  it("shows raw HTML as the text that it is", () => {
    const xhtml = render(nastyText);
    expect(xhtml).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(xhtml).not.toMatch(/evil\.test\/(?:t|ref)\.gif/);
  });
});
