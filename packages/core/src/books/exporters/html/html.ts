import { createHash } from "node:crypto";
import { createBookRenderer, type BookRenderer } from "../../markdown/book-renderer.js";
import type { BookDocument } from "../../types.js";
import { factsOf, type BookFacts } from "../book-facts.js";
import { escapeXml } from "../escape.js";
import type { Exporter } from "../exporter.js";
import { labelsOf } from "../labels.js";
import { pageStyle } from "./style.js";

/**
 * One self-contained page: styles inline, pictures as `data:`, contents that link, light and dark, ready to print.
 *
 * It runs no script and loads nothing: a Content-Security-Policy inside the page says so, too.
 */
export const htmlExporter: Exporter = Object.freeze({
  format: "html",
  extension: ".html",
  mediaType: "text/html; charset=utf-8",
  export: (document: BookDocument) => Promise.resolve(new TextEncoder().encode(page(document))),
} satisfies Exporter);

/** English words inside a page of any language. */
const inEnglish = 'lang="en" dir="ltr"';

const policy = [
  "default-src 'none'",
  "img-src data:",
  `style-src 'sha256-${createHash("sha256").update(pageStyle).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function page(document: BookDocument): string {
  const facts = factsOf(document);
  const images = new Map(document.images.map((image) => [image.name, dataUri(image)]));
  const renderer = createBookRenderer(document, {
    chapter: (number) => `#chapter-${number}`,
    anchor: (_, id) => `#${encodeURIComponent(id)}`,
    image: (name) => images.get(name) ?? "",
    topHeading: 3,
  });
  const parts = document.chapters.map((_, index) => chapterSection(facts, index, renderer));
  return `<!DOCTYPE html>
<html lang="${escapeXml(facts.language)}" dir="${facts.direction}">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${policy}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta name="referrer" content="no-referrer" />
<meta name="generator" content="inkwire" />
${facts.byline === undefined ? "" : `<meta name="author" content="${escapeXml(facts.byline)}" />\n`}<title>${escapeXml(facts.title)}</title>
<style>${pageStyle}</style>
</head>
<body>
${frontPage(facts)}
${contents(facts)}
<main>
${parts.join("\n")}
</main>
</body>
</html>
`;
}

function frontPage({ title, byline, premise, notice, unfinished }: BookFacts): string {
  const lines = [
    `<h1${sizeOf(title)} dir="auto">${escapeXml(title)}</h1>`,
    byline && `<p class="byline" dir="auto">${escapeXml(byline)}</p>`,
    premise && `<div class="premise">${paragraphs(premise)}</div>`,
    unfinished && `<p class="unfinished" ${inEnglish}>${escapeXml(unfinished)}</p>`,
    notice && `<p class="notice" ${inEnglish}>${escapeXml(notice)}</p>`,
  ];
  return `<header class="front">\n${lines.filter(Boolean).join("\n")}\n</header>`;
}

/** A title may be a whole page long: the longer, the smaller. */
function sizeOf({ length }: string): string {
  if (length <= 60) return "";
  return ` class="${length <= 300 ? "long" : "endless"}"`;
}

function paragraphs(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => `<p dir="auto">${escapeXml(paragraph.trim())}</p>`)
    .join("");
}

function contents({ chapters, language }: BookFacts): string {
  const { contents: name } = labelsOf(language);
  const items = chapters.map(({ number, label, title }) => {
    const count = label === undefined ? "" : `<span class="count">${label}</span> `;
    return `<li><a href="#chapter-${number}">${count}<span class="name" dir="auto">${escapeXml(title)}</span></a></li>`;
  });
  const plain = chapters.every(({ label }) => label === undefined) ? " plain" : "";
  return `<nav class="contents${plain}" id="contents" aria-labelledby="contents-title">
<h2 id="contents-title">${name}</h2>
<ol>
${items.join("\n")}
</ol>
</nav>`;
}

function chapterSection(facts: BookFacts, index: number, renderer: BookRenderer): string {
  const chapter = facts.chapters[index];
  if (chapter === undefined) return "";
  const { number, label, title } = chapter;
  const { contents: name } = labelsOf(facts.language);
  const notice =
    facts.notice === undefined
      ? ""
      : `<p class="notice" ${inEnglish}>${escapeXml(facts.notice)}</p>\n`;
  return `<section class="chapter" id="chapter-${number}" aria-labelledby="chapter-${number}-title">
<header>
${label === undefined ? "" : `<p>${label}</p>\n`}<h2 id="chapter-${number}-title" dir="auto">${escapeXml(title)}</h2>
</header>
${renderer.chapter(chapter)}${notice}<p class="back"><a href="#contents">${name}</a></p>
</section>`;
}

function dataUri({ mediaType, bytes }: BookDocument["images"][number]): string {
  return `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`;
}
