import type { Token } from "markdown-it";
import {
  applyEdits,
  scanMarkdown,
  type MarkdownEdit,
  type MarkdownSpot,
} from "../../markdown/scan.js";
import { listHeadings } from "../../markdown/headings.js";
import { readLinkTarget } from "../../markdown/links.js";
import { createMarkdownParser } from "../../markdown/parser.js";
import { cleanText } from "../../text.js";
import type { BookDocument } from "../../types.js";
import { factsOf, type BookFacts } from "../book-facts.js";
import { withoutHtmlBlocks } from "./no-html-blocks.js";
import type { Exporter } from "../exporter.js";
import { labelsOf } from "../labels.js";

/**
 * One Markdown file that is a whole book: title, notice, table of contents, chapters.
 *
 * Pictures travel inside the file. The text says `![alt][image-1.png]`, which stays readable, and the bytes stand at the very
 * end as link definitions with `data:` addresses, which common viewers show. Pictures from elsewhere become their alternative
 * text and what looks like HTML is escaped, so that opening the file loads and runs nothing.
 */
export const markdownExporter: Exporter = Object.freeze({
  format: "markdown",
  extension: ".md",
  mediaType: "text/markdown; charset=utf-8",
  export: (document: BookDocument) =>
    Promise.resolve(new TextEncoder().encode(bookMarkdown(document))),
} satisfies Exporter);

function bookMarkdown(document: BookDocument): string {
  const facts = factsOf(document);
  const blocks = [
    `# ${escapeMarkdown(facts.title)}`,
    facts.byline === undefined ? "" : `*${escapeMarkdown(facts.byline)}*`,
    quote(facts.unfinished),
    quote(facts.notice),
    escapeMarkdown(facts.premise ?? ""),
    `## ${labelsOf(facts.language).contents}`,
    facts.chapters
      .map((chapter) => `- [${headingOf(chapter)}](#chapter-${chapter.number})`)
      .join("\n"),
    ...chapterBlocks(document, facts),
    document.images.map(imageDefinition).join("\n"),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function headingOf({ label, title }: BookFacts["chapters"][number]): string {
  // Escaped, as `1.` would else begin a list inside the heading of some viewers' tables of contents.
  return `${label === undefined ? "" : `${label}\\. `}${escapeMarkdown(title)}`;
}

function chapterBlocks(document: BookDocument, facts: BookFacts): string[] {
  const parser = createMarkdownParser();
  const viewer = createMarkdownParser().set({ html: true });
  const images = new Set(document.images.map(({ name }) => name));
  const numbers = new Set(facts.chapters.map(({ number }) => number));
  return facts.chapters.flatMap((chapter) => {
    const text = cleanText(chapter.text).replace(/^\n+|\s+$/g, "");
    const spots = scanMarkdown(text, parser);
    const definitions = new Map(
      spots
        .filter(({ kind }) => kind === "definition")
        .map((spot) => [labelOf(text, spot), spot.destination]),
    );
    // A heading's marks go before whatever is put at the same place.
    const edits = [...headingEdits(text), ...spots.flatMap((spot) => editsFor(spot, text))];
    // An anchor of our own: viewers make theirs of the heading, each in its own way.
    const heading = `<a id="chapter-${chapter.number}"></a>\n\n## ${headingOf(chapter)}`;
    return [heading, closeFence(withoutHtmlBlocks(applyEdits(text, edits), viewer), parser)];

    function editsFor(spot: MarkdownSpot, source: string): MarkdownEdit[] {
      const { start, end, labelStart, labelEnd, destination } = spot;
      switch (spot.kind) {
        case "tag":
          return [{ start, end: start, text: "\\" }];
        case "image":
          return images.has(destination)
            ? [{ start: labelEnd, end, text: `][${destination}]` }]
            : [
                { start, end: labelStart, text: "" },
                { start: labelEnd, end, text: "" },
              ];
        case "image-reference":
          return [referenceEdit(spot, source)];
        default:
          return linkEdit(spot);
      }
    }

    /** Points a reference at the picture's own definition; one to anything else becomes a link, behind a plain `!`. */
    function referenceEdit(
      { start, labelStart, labelEnd }: MarkdownSpot,
      source: string,
    ): MarkdownEdit {
      const rest = /^\](?:\[([^\]]*)\])?/.exec(source.slice(labelEnd, labelEnd + 1_000));
      const label = rest?.[1] || source.slice(labelStart, labelEnd);
      const destination = definitions.get(label.toLowerCase());
      return destination !== undefined && images.has(destination)
        ? { start: labelEnd, end: labelEnd + (rest?.[0].length ?? 1), text: `][${destination}]` }
        : { start, end: start, text: "\\" };
    }
  });

  function linkEdit({
    destination,
    destinationStart,
    destinationEnd,
  }: MarkdownSpot): MarkdownEdit[] {
    const target = readLinkTarget(destination);
    if (target?.kind !== "book") {
      // Nothing but the web: a viewer may follow `javascript:` or a path of somebody's disk.
      return target === undefined && !images.has(destination)
        ? [{ start: destinationStart, end: destinationEnd, text: "#" }]
        : [];
    }
    const { chapter, anchor } = target;
    if (chapter === undefined) return [];
    const place = anchor ?? `chapter-${chapter}`;
    const text = numbers.has(chapter) ? `#${encodeURIComponent(place)}` : "#";
    return [{ start: destinationStart, end: destinationEnd, text }];
  }

  /** Moves the headings of a chapter below its own, where they are written with `#`. */
  function headingEdits(text: string): MarkdownEdit[] {
    const headings = listHeadings(text, parser);
    const shift = 3 - headings.reduce((top, { level }) => Math.min(top, level), 3);
    if (shift <= 0) return [];
    const lines = lineOffsets(text);
    return headings.flatMap(({ line, endLine, level, top }) => {
      const start = lines[line] ?? 0;
      const before = /^[ \t>*+\-\d.)]*?(?=#{1,6}(?:\s|$))/.exec(
        text.slice(start, start + 200),
      )?.[0];
      const marks = "#".repeat(Math.min(6, level + shift));
      if (before !== undefined) {
        const at = start + before.length;
        return [{ start: at, end: at + level, text: marks }];
      }
      // Underlined: there are only two such levels, so it becomes one line with marks. Inside of a quotation it stays.
      if (!top) return [];
      const underline = lines[endLine - 1] ?? start;
      const end = (lines[endLine] ?? text.length + 1) - 1;
      const joints = lines
        .slice(line + 1, endLine - 1)
        .map((at) => ({ start: at - 1, end: at, text: " " }));
      const first = { start, end: start, text: `${marks} ` };
      return [first].concat(joints, { start: underline - 1, end, text: "" });
    });
  }
}

/** `text` with the fence that a block of code at its end lacks: else it would swallow the chapters after it. */
function closeFence(text: string, parser: ReturnType<typeof createMarkdownParser>): string {
  const probe: Token[] = [];
  parser.block.parse(`${text}\n\nprobe`, parser, {}, probe);
  const last = probe.at(-1);
  return last?.type === "fence" ? `${text}\n${last.markup}` : text;
}

function labelOf(text: string, { labelStart, labelEnd }: MarkdownSpot): string {
  return text.slice(labelStart, labelEnd).toLowerCase();
}

function lineOffsets(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function imageDefinition({ name, mediaType, bytes }: BookDocument["images"][number]): string {
  return `[${name}]: data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`;
}

function quote(text: string | undefined): string {
  return text === undefined ? "" : `> ${escapeMarkdown(text)}`;
}

/** Plain text as Markdown that says the same. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]<>&#|~!]/g, "\\$&")
    .replace(/^(\s*)([+=-]|\d+(?=[.)]))/gm, (_, space: string, mark: string) =>
      /\d/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`,
    );
}
