import type { BookFacts } from "../book-facts.js";
import { escapeXml } from "../escape.js";
import { labelsOf } from "../labels.js";
import { paths, xhtmlPage } from "./pages.js";

/** The table of contents, and the landmarks that readers jump to. */
export function navPage(facts: BookFacts): string {
  const { contents, cover, titlePage } = labelsOf(facts.language);
  const items = entriesOf(facts).map(
    ({ href, name }) => `<li><a href="${href}">${escapeXml(name)}</a></li>`,
  );
  const first = facts.chapters[0];
  const start =
    first === undefined
      ? ""
      : `\n<li><a epub:type="bodymatter" href="${paths.chapter(first.number)}">${escapeXml(first.title)}</a></li>`;
  return xhtmlPage(
    facts,
    contents,
    `<body>
<nav epub:type="toc" role="doc-toc" id="toc" aria-labelledby="toc-title">
<h1 id="toc-title">${contents}</h1>
<ol>
${items.join("\n")}
</ol>
</nav>
<nav epub:type="landmarks" id="landmarks" hidden="hidden">
<ol>
<li><a epub:type="cover" href="${paths.cover}">${cover}</a></li>
<li><a epub:type="titlepage" href="${paths.title}">${titlePage}</a></li>
<li><a epub:type="toc" href="${paths.nav}#toc">${contents}</a></li>${start}
</ol>
</nav>
</body>`,
  );
}

/** The same table for readers of EPUB 2. */
export function ncx(facts: BookFacts, identifier: string): string {
  const points = entriesOf(facts).map(
    ({ href, name }, index) =>
      `<navPoint id="nav-${index + 1}" playOrder="${index + 1}"><navLabel><text>${escapeXml(name)}</text></navLabel><content src="${href}"/></navPoint>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="${escapeXml(facts.language)}">
<head>
<meta name="dtb:uid" content="${escapeXml(identifier)}"/>
<meta name="dtb:depth" content="1"/>
<meta name="dtb:totalPageCount" content="0"/>
<meta name="dtb:maxPageNumber" content="0"/>
</head>
<docTitle><text>${escapeXml(facts.title)}</text></docTitle>
<navMap>
${points.join("\n")}
</navMap>
</ncx>
`;
}

/** The chapters; of a book without any, the title page, as an empty table is not allowed. */
function entriesOf({ chapters, title }: BookFacts) {
  if (chapters.length === 0) return [{ href: paths.title, name: title }];
  return chapters.map((chapter) => ({
    href: paths.chapter(chapter.number),
    name: chapter.label === undefined ? chapter.title : `${chapter.label}. ${chapter.title}`,
  }));
}
