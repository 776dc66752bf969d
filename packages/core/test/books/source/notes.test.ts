import { describe, expect, test } from "vitest";
import {
  createSourceNotes,
  maxChapterNotesBytes,
  maxOutlineNotesBytes,
} from "../../../src/books/source/choose-notes.js";
import { cutNotes, maxNotesChars } from "../../../src/books/source/notes.js";
import { createRelevance } from "../../../src/books/source/relevance.js";
import { parseBookRequest } from "../../../src/books/request.js";
import type { SourceNote } from "../../../src/books/authors/author.js";

const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) });
const chapter = (title: string, summary = "") => ({ number: 1, title, summary, words: 300 });
const bytesOf = (notes: readonly SourceNote[]) =>
  Buffer.byteLength(notes.map(({ from, text }) => `[${from}]\n${text}`).join("\n\n"));
const filler = (topic: string, words = 2_000) => `All about ${topic} again. `.repeat(words / 4);

/** Forty sections of 12 kB, each about a thing of its own. */
const things = Array.from(
  { length: 40 },
  (_, index) => `thing${String.fromCharCode(97 + (index % 26))}${index}`,
);
const long = things.map((thing, index) => file(`${index}.md`, `# On ${thing}\n\n${filler(thing)}`));

describe("cutting", () => {
  test("keeps every word, with the file and the headings above it", () => {
    const text =
      "---\ntitle: T\n---\nBefore.\n\n# One\n\nA.\n\n## Two\n\nB.\n\n# Three\n\n```\n# no heading\n```\n";
    expect(cutNotes([file("a/b.md", text)])).toEqual([
      { from: "a/b.md", text: "Before.", opens: true },
      { from: "a/b.md, One", text: "A.", opens: true },
      { from: "a/b.md, One, Two", text: "B.", opens: true },
      { from: "a/b.md, Three", text: "```\n# no heading\n```", opens: true },
    ]);
  });

  test("cuts a paragraph that never ends, between characters", () => {
    const endless = "𝕊".repeat(10_000);
    const notes = cutNotes([file("a.md", endless)]);
    expect(notes.length).toBeGreaterThan(10);
    expect(notes.map(({ text }) => text).join("")).toBe(endless);
    for (const { text } of notes) expect(text.isWellFormed()).toBe(true);
  });

  test("refuses what is no text, has none, or is too much", () => {
    expect(() => cutNotes([{ path: "a.md", bytes: new Uint8Array([0, 1, 2]) }])).toThrow(
      "a.md is not a text file",
    );
    expect(() => cutNotes([file("a.md", " \n")])).toThrow("none of the files has any text");
    expect(() => cutNotes([file("a.md", "a ".repeat(maxNotesChars))])).toThrow("at most 8 MiB");
  });
});

describe("choosing", () => {
  test("gives a short source whole, to every chapter", () => {
    const notes = createSourceNotes([file("a.md", "# One\n\nA.\n\n# Two\n\nB.")]);
    const all = [
      { from: "a.md, One", text: "A." },
      { from: "a.md, Two", text: "B." },
    ];
    expect(notes.forChapter(chapter("Something else"))).toEqual(all);
    expect(notes.forOutline(parseBookRequest({ title: "T" }))).toEqual(all);
  });

  test("gives a chapter what its plan is about, and never more than the bound", () => {
    const notes = createSourceNotes(long);
    for (const thing of [things[0], things[17], things[39]]) {
      const chosen = notes.forChapter(chapter("A chapter", `It explains ${thing} to all.`));
      expect(chosen.length).toBeGreaterThan(2);
      expect(chosen.every(({ from }) => from.includes(`On ${thing}`))).toBe(true);
      expect(bytesOf(chosen)).toBeLessThanOrEqual(maxChapterNotesBytes);
    }
    expect(notes.maxChapterBytes).toBe(maxChapterNotesBytes);
  });

  test("gives nothing where nothing fits, and the same each time", () => {
    expect(createSourceNotes(long).forChapter(chapter("Zebras", "Stripes."))).toEqual([]);
    const about = chapter("Mixed", `${things[3]} and ${things[5]}`);
    expect(createSourceNotes(long).forChapter(about)).toEqual(
      createSourceNotes(long).forChapter(about),
    );
  });

  test("shows the outline how each section begins, within its bound", () => {
    const chosen = createSourceNotes(long).forOutline(parseBookRequest({ title: "All things" }));
    expect(chosen).toHaveLength(things.length);
    expect(chosen.map(({ from }) => from)[7]).toContain(things[7]);
    expect(bytesOf(chosen)).toBeLessThanOrEqual(maxOutlineNotesBytes);
  });

  test("of a thousand sections the outline sees those that fit the book", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `# Part ${index}\n\nText.`);
    many[777] = "# The walrus\n\nA walrus is large.";
    const chosen = createSourceNotes([file("a.md", many.join("\n\n"))]).forOutline(
      parseBookRequest({ title: "A walrus" }),
    );
    expect(chosen.map(({ text }) => text)).toContain("A walrus is large.");
    expect(bytesOf(chosen)).toBeLessThanOrEqual(maxOutlineNotesBytes);
  });

  test("bounds bytes, not characters", () => {
    const text = Array.from(
      { length: 60 },
      (_, index) => `# 潮汐${index}\n\n${"潮汐是海水的涨落。".repeat(60)}`,
    );
    const notes = createSourceNotes([file("海.md", text.join("\n\n"))]);
    const chosen = notes.forChapter(chapter("潮汐"));
    expect(chosen.length).toBeGreaterThan(1);
    expect(bytesOf(chosen)).toBeLessThanOrEqual(maxChapterNotesBytes);
    const planned = notes.forOutline(parseBookRequest({ title: "潮汐" }));
    expect(bytesOf(planned)).toBeLessThanOrEqual(maxOutlineNotesBytes);
    for (const { text: part } of planned) expect(part).not.toContain("\uFFFD");
  });
});

test.each([
  ["other forms of a word", "The storms", "a stormy night", "a quiet night"],
  ["other letters", "Über Höfe", "uber hofe", "ganz anders"],
  ["languages without spaces", "日本の茶道", "茶道の歴史について", "鉄道の歴史について"],
])("finds %s", (_, query, close, far) => {
  const scores = createRelevance([
    { heading: "", text: far },
    { heading: "", text: close },
  ])(query);
  expect(scores[1]).toBeGreaterThan(scores[0] ?? 0);
});
