import type { ChapterTask } from "../author.js";
import { chapterPrompt } from "../model/prompts.js";
import { fill, plannedChapter, type BookPlan, type PlannedChapter } from "./outline.js";
import { seedOf } from "./seed.js";
import { shareOut } from "./share-out.js";

/**
 * The working plan of one chapter, as Markdown: what it has to do, its sections with word targets, what to decide first, how it
 * hangs together with its neighbours, and the prompt that a model would get. It says nothing that the request does not say.
 *
 * @param plan - of the same request, by `planBook`.
 */
export function chapterPlan(task: ChapterTask, plan: BookPlan): string {
  const { request, chapter } = task;
  const own = plannedChapter(plan, chapter.number);
  const before = plan.chapters[chapter.number - 2];
  const after = plan.chapters[chapter.number];
  const { stage, subject } = own;
  return [
    `*${position(own, plan.chapters.length)}. Target: ${chapter.words.toLocaleString("en-US")} words. About: ${escape(subject)}.*`,
    "## Goal",
    escape(fill(stage.goal, subject, plan.shape)),
    "## What the reader takes away",
    stage.takeaway,
    "## Sections",
    sectionTable(own, chapter.words),
    "## Questions to answer before writing",
    list(chosenQuestions(own, plan, seedOf(request).pick(`questions ${own.number}`, 8))),
    "## Story bible: settle here",
    list(stage.bible),
    "## Continuity",
    list(
      [
        before === undefined
          ? "**Comes from:** nothing; this chapter opens the book."
          : `**Comes from** [${escape(titleOf(task, before))}](chapter:${before.number}): ${before.stage.leaves}.`,
        `**Leaves behind:** ${stage.leaves}.`,
        after === undefined
          ? "**Goes on with:** nothing; this chapter ends the book."
          : `**Goes on with** [${escape(titleOf(task, after))}](chapter:${after.number}): ${lowerFirst(escape(fill(after.stage.goal, after.subject, plan.shape)))}`,
      ],
      true,
    ),
    "## The prompt for this chapter",
    "A model that writes this chapter is told exactly this; it can be pasted into any chat as well.",
    ...promptBlocks(task),
  ].join("\n\n");
}

function position({ number, stage, turn, turns }: PlannedChapter, of: number): string {
  const several = turns > 1 ? `, ${turn} of ${turns} at this point of the book` : "";
  return `Chapter ${number} of ${of}; ${stage.part}${several}`;
}

function sectionTable({ stage }: PlannedChapter, words: number): string {
  const shares = shareOut(
    words,
    stage.sections.map(([, , share]) => share),
  );
  const rows = stage.sections.map(
    ([name, task], index) =>
      `| ${index + 1} | ${name} | ${task} | ${(shares[index] ?? 0).toLocaleString("en-US")} |`,
  );
  return ["| | Section | What it has to do | Words |", "| --: | :-- | :-- | --: |", ...rows].join(
    "\n",
  );
}

/** Where a stage has several chapters, each begins with another of its questions. */
function chosenQuestions(
  { stage, subject, turn }: PlannedChapter,
  { shape }: BookPlan,
  offset: number,
): string[] {
  const { questions } = stage;
  return questions.map((_, index) =>
    escape(fill(questions[(index + offset + turn) % questions.length] ?? "", subject, shape)),
  );
}

/** The outline may have been changed since it was planned: its titles count. */
function titleOf({ outline }: ChapterTask, { number, title }: PlannedChapter): string {
  return outline.chapters.find((chapter) => chapter.number === number)?.title ?? title;
}

function promptBlocks(task: ChapterTask): string[] {
  const { system, user } = chapterPrompt(task);
  return ["**System**", fenced(system), "**User**", fenced(user)];
}

/** A block of code that nothing inside of it can end. */
function fenced(text: string): string {
  const longest = [...text.matchAll(/`{3,}/g)].reduce(
    (most, [run]) => Math.max(most, run.length),
    2,
  );
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function list(items: readonly string[], isMarkdown = false): string {
  return items.map((item) => `- ${isMarkdown ? item : item.trim()}`).join("\n");
}

/** Words of the request, which may hold anything, as plain text in Markdown. */
function escape(text: string): string {
  return text.replace(/[\\`*_[\]<>|~#!&]/g, "\\$&");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
