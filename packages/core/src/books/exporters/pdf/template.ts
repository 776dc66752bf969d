import { chapterId, type Block } from "../../markdown/book-tree.js";
import type { BookFacts } from "../book-facts.js";
import { labelsOf } from "../labels.js";
import { literal, typstBlocks, type TypstPlaces } from "./typst-text.js";

/** Libertinus comes with Typst, the next two with inkwire; the others are taken where the system has them, for other scripts. */
const fonts = [
  "Libertinus Serif",
  "Amiri",
  "Tinos",
  "Noto Serif",
  "Noto Serif CJK SC",
  "Noto Serif CJK JP",
  "DejaVu Serif",
];

/**
 * The whole book as one Typst source: title page, contents, chapters from a page of their own, numbers at the foot. A5, as
 * books are.
 *
 * @param identifier - goes into the file's keywords, as PDF has no place for it.
 */
export function typstBook(
  facts: BookFacts,
  identifier: string,
  tree: ReadonlyMap<number, readonly Block[]>,
  places: TypstPlaces,
): string {
  const chapters = facts.chapters.map((chapter) => {
    const numbering = chapter.label === undefined ? "none" : `(..) => ${literal(chapter.label)}`;
    const heading = `#[#heading(level: 1, numbering: ${numbering})[#${literal(chapter.title)}]#label(${literal(chapterId(chapter.number))})]`;
    const notice = facts.notice === undefined ? "" : `\n#notice(${literal(facts.notice)})`;
    return `${heading}\n${typstBlocks(tree.get(chapter.number) ?? [], places)}${notice}`;
  });
  return [
    settings(facts, identifier),
    titlePage(facts),
    facts.chapters.length === 0
      ? ""
      : `#pagebreak()\n#outline(title: ${literal(labelsOf(facts.language).contents)}, depth: 1)`,
    `#set page(numbering: "1")\n#counter(page).update(1)`,
    ...chapters,
    "",
  ].join("\n");
}

function settings(facts: BookFacts, identifier: string): string {
  const { title, byline, language, direction, premise, unfinished, notice, modified } = facts;
  const [tag = "und", ...subtags] = language.split("-");
  const region = subtags.find((part) => /^[A-Z]{2}$/.test(part));
  const described = [premise, unfinished, notice].filter(Boolean).join(" ");
  const [year, month, day, hour, minute, second] = modified.split(/\D/).map(Number);
  return `#set document(title: ${literal(title)}, author: (${byline === undefined ? "" : `${literal(byline)},`}), description: ${literal(described)}, keywords: (${literal(identifier)},), date: datetime(year: ${year}, month: ${month}, day: ${day}, hour: ${hour}, minute: ${minute}, second: ${second}))
#set page(paper: "a5", margin: (inside: 20mm, outside: 16mm, top: 18mm, bottom: 22mm))
#set text(font: (${fonts.map(literal).join(", ")}), size: 10.5pt, lang: ${literal(/^[a-z]{2,3}$/.test(tag) && tag !== "und" ? tag : "en")}, region: ${region === undefined ? "none" : literal(region)}, dir: ${direction}, hyphenate: ${tag !== "und"})
#set par(justify: true, leading: .68em, spacing: .68em, first-line-indent: 1.3em)
#set quote(block: true)
#set table(stroke: (x, y) => (bottom: if y == 0 { 1pt } else { .4pt + luma(160) }), inset: (x: 5pt, y: 4pt))
#show heading: set text(hyphenate: false)
#show heading: set par(justify: false)
#show heading.where(level: 1): it => {
  pagebreak(weak: true)
  v(22mm)
  set align(center)
  if it.numbering != none { block(text(size: 10pt, weight: "regular", fill: luma(90), numbering(it.numbering, 1))) }
  block(text(size: ${longest(facts) > 120 ? 12 : 19}pt, weight: "regular", it.body))
  v(12mm)
}
#show heading.where(level: 2): set text(size: 12.5pt)
#show heading.where(level: 2): set block(above: 1.8em, below: .9em)
#show heading.where(level: 3): set text(size: 11pt)
#show raw: set text(dir: ltr, lang: "en", hyphenate: false)
#show raw.where(block: true): it => block(width: 100%, fill: luma(246), inset: 7pt, radius: 2pt, above: 1.1em, below: 1.1em, { set par(justify: false); set align(left); it })
#show table: set par(justify: false, first-line-indent: 0pt)
#show table: set text(size: 9.5pt)
#show table: set block(above: 1.2em, below: 1.2em)
#show link: it => if type(it.dest) == str { underline(offset: 1.5pt, stroke: .4pt, it) } else { it }
#let rule = align(center, block(above: 1.6em, below: 1.6em, [#"* * *"]))
#let picture(path, alt) = align(center, block(above: 1.2em, below: 1.2em, image(path, alt: alt, fit: "contain")))
#let english(it) = text(lang: "en", dir: ltr, it)
#let notice(it) = block(above: 2.5em, english(text(size: 8.5pt, fill: luma(90), it)))`;
}

function titlePage({ title, byline, premise, unfinished, notice }: BookFacts): string {
  const size = title.length > 300 ? 11 : title.length > 60 ? 17 : 27;
  const lines = [
    `#block(text(size: ${size}pt, hyphenate: false, ${literal(title)}))`,
    byline && `#block(above: 2em, emph(${literal(byline)}))`,
    premise &&
      `#block(above: 2.5em, width: 82%)[${premise
        .split(/\n{2,}/)
        .map((paragraph) => `#par[#${literal(paragraph.trim())}]`)
        .join("\n")}]`,
    unfinished &&
      `#block(above: 3em, stroke: .6pt + luma(120), inset: 7pt, radius: 3pt, english(${literal(unfinished)}))`,
    notice && `#block(above: 2em, english(text(size: 9pt, fill: luma(90), ${literal(notice)})))`,
  ];
  return `#[\n#set align(center)\n#set par(justify: false, first-line-indent: 0pt)\n#v(1fr)\n${lines.filter(Boolean).join("\n")}\n#v(2fr)\n]`;
}

function longest({ chapters }: BookFacts): number {
  return chapters.reduce((most, { title }) => Math.max(most, title.length), 0);
}
