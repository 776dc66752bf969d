import { describe, expect, it } from "vitest";
import { checkChapter, type GuardContext } from "../../../src/books/guards/check-chapter.js";
import { findDoubledTitle } from "../../../src/books/guards/doubled-title.js";
import { chapterPrompt } from "../../../src/books/authors/model/prompts.js";
import { findInstructions } from "../../../src/books/guards/instructions.js";
import { sampleTask } from "../../support/llm/requests.js";
import { findLeaks } from "../../../src/books/guards/preamble.js";
import { findRepetition } from "../../../src/books/guards/repetition.js";
import { findUnknownNames } from "../../../src/books/guards/unknown-names.js";
import { honest, prose } from "./fixtures.js";

const context: GuardContext = {
  chapter: { number: 3, title: "Low Water" },
  language: "en",
  earlier: [],
  known: "Yann Marie Brest Tide Harbour",
};

const without = (text: string, { start, end }: { start: number; end: number }): string =>
  text.slice(0, start) + text.slice(end);

describe("all guards", () => {
  it.each(honest)("find nothing in honest prose: %s", (_, language, text) => {
    expect(checkChapter(text, { ...context, language })).toEqual([]);
  });

  it("find nothing in long prose, and take no long time for it", () => {
    const earlier = Array.from({ length: 12 }, (_, index) => prose(400, index + 2));
    expect(checkChapter(prose(2_000, 1), { ...context, earlier })).toEqual([]);
  });
});

it("come to an end for a text without one", () => {
  const line = "a ".repeat(30) + "\n";
  for (const text of [
    line.repeat(60_000),
    "\n \t".repeat(500_000),
    "x".repeat(4_000_000),
    `${prose(3)}\n\n`.repeat(4_000),
  ]) {
    expect(checkChapter(text, context).length).toBeLessThanOrEqual(200);
  }
}, 60_000);

describe("the guard of what an author says to whoever asked", () => {
  const story = "The sea had gone.\n\nIt always does.";
  it.each([
    "Sure, here is chapter 3 of your book:",
    "Certainly! Below is the revised chapter.",
    "Here is the next chapter:",
    "**Here's the full text of the chapter, as requested:**",
    "Natürlich! Hier ist das Kapitel.",
    "Hier ist dein drittes Kapitel:",
    "Bien sûr ! Voici le chapitre 3.",
    "Voici le troisième chapitre :",
    "¡Claro! Aquí tienes el capítulo 3.",
    "Aquí tienes el capítulo tres:",
    "Certo! Ecco il capitolo.",
    "Claro! Aqui está o capítulo.",
    "Natuurlijk! Hier is het hoofdstuk.",
    "Oczywiście! Oto rozdział trzeci.",
    "Конечно! Вот третья глава.",
    "好的，以下是第三章的正文：",
    "承知しました。第三章の本文です。",
  ])("finds it before the text: %s", (leak) => {
    const [finding, ...more] = findLeaks(`${leak}\n\n${story}`);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: "preamble", cut: true, start: 0, end: leak.length });
  });

  it.each([
    "Let me know if you would like me to continue with the next chapter!",
    "Would you like any changes to this chapter?",
    "Soll ich mit dem nächsten Kapitel fortfahren?",
    "Souhaitez-vous que je continue avec le chapitre suivant ?",
    "¿Quieres que continúe con el capítulo siguiente?",
    "Хотите, чтобы я продолжил следующую главу?",
    "如果您需要修改，请告诉我，我可以继续写下一章。",
    "[End of Chapter 3]",
    "*(Word count: 1,203)*",
  ])("finds it after the text: %s", (leak) => {
    const text = `${story}\n\n${leak}`;
    const [finding] = findLeaks(text);
    expect(finding).toBeDefined();
    expect(without(text, finding ?? { start: 0, end: 0 }).trim()).toBe(story);
  });

  it("finds a refusal and a mark of its thinking in the middle", () => {
    const text = `${story}\n\nAs an AI language model, I cannot go there.\n\n</thinking>\n\n${story}`;
    expect(findLeaks(text)).toHaveLength(2);
  });
});

describe("the guard of doubled titles", () => {
  it.each([
    "# Low Water",
    "Chapter 3: Low Water",
    "## Chapter 3\n\n# Low Water",
    "**Low Water**",
    "Kapitel 3: Low Water",
    "# Chapter 3: Chapter 3: Low Water",
  ])("finds %j in front", (heading) => {
    const text = `${heading}\n\nThe sea had gone.`;
    const [finding] = findDoubledTitle(text, context.chapter);
    expect(without(text, finding ?? { start: 0, end: 0 }).trim()).toBe("The sea had gone.");
  });

  it.each([
    "Low Water.\n\nNothing moved.",
    "## At low water\n\nx",
    "Low water came at noon.",
    "The sea.\n\n# Low Water",
  ])("takes %j for prose", (text) => {
    expect(findDoubledTitle(text, context.chapter)).toEqual([]);
  });
});

describe("the guard of repetition", () => {
  it("finds a paragraph that stands there twice, which can go", () => {
    const twice = prose(12);
    const text = `${twice}\n\n${prose(20, 5)}\n\n${twice}\n\nThe end.`;
    const [finding, ...more] = findRepetition(text);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: "repetition", cut: true });
    expect(without(text, finding ?? { start: 0, end: 0 })).toBe(
      `${twice}\n\n${prose(20, 5)}\n\n\n\nThe end.`,
    );
  });

  it("finds what only partly repeats, and leaves it to the author", () => {
    const passage = prose(12);
    const text = `${passage}\n\nBut then, ${passage} And so on.`;
    expect(findRepetition(text)).toMatchObject([{ cut: false }]);
  });

  it("finds a loop", () => {
    const line =
      "The tide came in over the sand as it had on every day before this one, and nobody on the wall said anything at all about it.";
    const text = Array.from({ length: 9 }, () => line).join("\n\n");
    const findings = findRepetition(text);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.every(({ cut }) => cut)).toBe(true);
  });

  it("finds what an earlier chapter says", () => {
    const passage = prose(12);
    expect(findRepetition(`New.\n\n${passage}`, [`Old.\n\n${passage}`])).toMatchObject([
      { cut: false, message: expect.stringContaining("an earlier chapter") as string },
    ]);
  });

  it("counts Chinese by its characters", () => {
    const passage = Array.from({ length: 60 }, (_, index) =>
      String.fromCodePoint(0x4e00 + index * 7),
    ).join("");
    expect(findRepetition(`${passage}。\n\n中文。\n\n${passage}。`)).toHaveLength(1);
  });
});

describe("the guard of names", () => {
  it("finds a name that is spelt almost like one that is known", () => {
    const text = "They waited for Marei at the wall.\n\nNobody but Marei came.\n\nThe sea.";
    const findings = findUnknownNames(text, "Yann and Marie live in Brest.", "en");
    expect(findings.map(({ start, end }) => text.slice(start, end))).toEqual([
      "They waited for Marei at the wall.",
      "Nobody but Marei came.",
    ]);
    expect(findings[0]?.message).toContain('"Marie" everywhere else');
  });

  it("finds somebody who is named all the time and was never planned", () => {
    const text = Array.from(
      { length: 9 },
      (_, index) => `At ${index}, they saw Corentin again.`,
    ).join(" ");
    expect(findUnknownNames(text, "Yann lives in Brest.", "en")).toHaveLength(1);
    expect(findUnknownNames(text, "Corentin lives in Brest.", "en")).toEqual([]);
  });

  it("lets two known names be alike", () => {
    expect(findUnknownNames("They saw Marie, and Maria.", "Marie and Maria", "en")).toEqual([]);
  });
});

describe("the guard of an author that repeats what it was told", () => {
  const { system, user } = chapterPrompt(sampleTask(2));
  const story = prose(6);

  it.each([
    ["the whole prompt", system],
    [
      "a quoted list of it",
      system
        .split("\n")
        .map((line) => `> ${line}`)
        .join("\n"),
    ],
    ["in bold, within a sentence", `My rules say: **${system.split("\n")[0]}** And so I write.`],
    ["the mark of a request", user.split("\n")[0] ?? ""],
    ["a rule that was cut off", (system.split("\n")[4] ?? "").slice(0, 120)],
  ])("cuts out %s, and nothing else", (_, leak) => {
    const paragraphs = leak.split(/\n\n+/).length;
    const found = findInstructions(`${story}\n\n${leak}\n\n${story}`, system);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(paragraphs);
    for (const { cut, start, end } of found) {
      expect(cut).toBe(true);
      expect(start).toBeGreaterThanOrEqual(story.length);
      expect(end).toBeLessThanOrEqual(story.length + 2 + leak.length);
    }
  });

  it.each(honest)("finds nothing in honest prose: %s", (_, _language, text) => {
    expect(findInstructions(text, system)).toEqual([]);
  });

  it("finds nothing in the material, which may well stand in the book", () => {
    const { request, chapter } = sampleTask(2);
    expect(findInstructions([request.brief, chapter.summary].join("\n\n"), system)).toEqual([]);
  });
});
