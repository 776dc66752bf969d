import type { BookFacts } from "../book-facts.js";
import { escapeXml } from "../escape.js";
import { labelsOf } from "../labels.js";

/** Where each part lies inside the book, relative to its package file. */
export const paths = {
  cover: "cover.xhtml",
  coverDrawing: "cover.svg",
  coverImage: "cover.png",
  title: "title.xhtml",
  nav: "nav.xhtml",
  ncx: "toc.ncx",
  style: "style.css",
  chapter: (number: number) => `chapter-${String(number).padStart(3, "0")}.xhtml`,
  webpFallback: "webp-fallback.svg",
  image: (name: string) => `images/${name}`,
} as const;

const inEnglish = 'lang="en" xml:lang="en" dir="ltr"';

/** A page of the book as XHTML. `title` is escaped here; `body` is markup. */
export function xhtmlPage(facts: BookFacts, title: string, body: string): string {
  const language = escapeXml(facts.language);
  return `<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="${language}" xml:lang="${language}" dir="${facts.direction}">
<head>
<meta charset="utf-8" />
<title>${escapeXml(title)}</title>
<link rel="stylesheet" type="text/css" href="${paths.style}" />
</head>
${body}
</html>
`;
}

export function coverPage(facts: BookFacts): string {
  const { cover } = labelsOf(facts.language);
  return xhtmlPage(
    facts,
    cover,
    `<body class="cover" epub:type="cover">
<img role="doc-cover" src="${paths.coverDrawing}" alt="${escapeXml(`${cover}: ${facts.title}`)}" />
</body>`,
  );
}

export function titlePage(facts: BookFacts): string {
  const { title, byline, premise, notice, unfinished } = facts;
  const lines = [
    `<h1${title.length > 60 ? ' class="long"' : ""}>${escapeXml(title)}</h1>`,
    byline && `<p class="byline">${escapeXml(byline)}</p>`,
    premise && `<div class="premise">${paragraphs(premise)}</div>`,
    unfinished && `<p class="unfinished" ${inEnglish}>${escapeXml(unfinished)}</p>`,
    notice && `<p class="notice" ${inEnglish}>${escapeXml(notice)}</p>`,
  ];
  const body = `<body epub:type="frontmatter">
<section class="title-page" epub:type="titlepage">
${lines.filter(Boolean).join("\n")}
</section>
</body>`;
  return xhtmlPage(facts, title, body);
}

/** @param content - the chapter's text as XHTML. */
export function chapterPage(
  facts: BookFacts,
  { number, title, label }: BookFacts["chapters"][number],
  content: string,
): string {
  const end =
    facts.notice === undefined
      ? ""
      : `<p class="notice chapter-end" ${inEnglish}>${escapeXml(facts.notice)}</p>\n`;
  return xhtmlPage(
    facts,
    title,
    `<body epub:type="bodymatter">
<section epub:type="chapter" role="doc-chapter" id="chapter-${number}" aria-labelledby="title-${number}">
<header class="chapter-head">
${label === undefined ? "" : `<p>${label}</p>\n`}<h1 id="title-${number}">${escapeXml(title)}</h1>
</header>
${content}${end}</section>
</body>`,
  );
}

function paragraphs(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeXml(paragraph.trim())}</p>`)
    .join("");
}
