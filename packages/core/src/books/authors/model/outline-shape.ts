import type { JSONSchema7 } from "ai";
import * as v from "valibot";
import { cleanLine, cleanText } from "../../text.js";
import type { BookRequest, Outline } from "../../types.js";
import { shareOut } from "../planner/share-out.js";
import { bareTitle } from "./chapter-heading.js";
import { extractJsonObject } from "./extract-json.js";

const maxTitleChars = 200;
const maxSummaryChars = 4_000;
const maxStateChars = 400;

/** What a model may send: numbers as text too, since small models quote them. What is more than this is ignored. */
const numeric = v.union([
  v.number(),
  v.pipe(v.string(), v.regex(/^\s*\d+\s*$/), v.transform(Number)),
]);
const answerSchema = v.object({
  premise: v.optional(v.nullable(v.string()), ""),
  chapters: v.array(
    v.object({
      number: v.optional(v.nullable(numeric)),
      title: v.string(),
      summary: v.string(),
      entry: v.fallback(v.optional(v.nullable(v.string())), undefined),
      exit: v.fallback(v.optional(v.nullable(v.string())), undefined),
      after: v.fallback(v.optional(v.nullable(v.array(numeric))), undefined),
      words: v.optional(v.nullable(v.fallback(numeric, 0))),
    }),
  ),
});

/** The shape of an outline with exactly `chapters` chapters, for servers that hold a model to it. */
export function outlineJsonSchema(chapters: number): JSONSchema7 {
  return {
    type: "object",
    additionalProperties: false,
    required: ["premise", "chapters"],
    properties: {
      premise: { type: "string" },
      chapters: {
        type: "array",
        minItems: chapters,
        maxItems: chapters,
        items: {
          type: "object",
          additionalProperties: false,
          required: ["number", "title", "summary", "entry", "exit", "after", "words"],
          properties: {
            number: { type: "integer" },
            title: { type: "string" },
            summary: { type: "string" },
            entry: { type: "string" },
            exit: { type: "string" },
            after: { type: "array", items: { type: "integer" } },
            words: { type: "integer" },
          },
        },
      },
    },
  };
}

/** An outline, or one sentence on why the answer is none, for the model that is asked to repair it. */
export type OutlineReading = { readonly outline: Outline } | { readonly problem: string };

/**
 * The outline in a model's answer. It has exactly the chapters that were asked for, in their order, renumbered 1 to N;
 * titles are bare; word targets add up to those of the book. Its title is the request's.
 */
export function readOutline(answer: string, request: BookRequest): OutlineReading {
  const json = extractJsonObject(answer);
  if (json === undefined) return { problem: "it holds no complete JSON object." };
  const result = v.safeParse(answerSchema, json);
  if (!result.success) {
    const [issue] = result.issues;
    return {
      problem: `at ${v.getDotPath(issue) ?? "the top"}, ${lowerFirst(issue.message.slice(0, 200))}.`,
    };
  }

  const chapters = inOrder(result.output.chapters);
  if (chapters.length !== request.chapters) {
    return { problem: `it has ${chapters.length} chapters, not ${request.chapters}.` };
  }
  const words = shareWords(
    chapters.map((chapter) => chapter.words ?? 0),
    request.words,
  );
  const planned = chapters.map(({ title, summary, entry, exit, after }, index) => ({
    number: index + 1,
    title: shorten(bareTitle(cleanLine(title), index + 1), maxTitleChars),
    summary: shorten(cleanText(summary).trim(), maxSummaryChars),
    words: words[index] ?? 1,
    ...(entry ? { entry: shorten(cleanLine(entry), maxStateChars) } : {}),
    ...(exit ? { exit: shorten(cleanLine(exit), maxStateChars) } : {}),
    // As the model numbers them: of no use where it does not number its chapters from 1.
    ...(after ? { after: after.filter((other) => other >= 1 && other <= index) } : {}),
  }));
  for (const { number, title, summary } of planned) {
    if (title === "") return { problem: `chapter ${number} has no title of its own.` };
    if (summary === "") return { problem: `chapter ${number} has no summary.` };
  }
  const premise = shorten(cleanText(result.output.premise ?? "").trim(), maxSummaryChars);
  return { outline: { title: request.title, premise, chapters: planned } };
}

type AnswerChapter = v.InferOutput<typeof answerSchema>["chapters"][number];

/** By their numbers if each has its own, else as they came. */
function inOrder(chapters: readonly AnswerChapter[]): readonly AnswerChapter[] {
  const numbers = new Set(chapters.map(({ number }) => number ?? undefined));
  if (numbers.size !== chapters.length || numbers.has(undefined)) return chapters;
  return chapters.toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0));
}

/**
 * Whole numbers of at least 1 in the proportions of `wanted` that add up to `total`; equal shares where `wanted` is of no
 * use. With more chapters than words each gets one.
 */
export function shareWords(wanted: readonly number[], total: number): number[] {
  const usable = wanted.every((words) => Number.isFinite(words) && words > 0 && words <= 1e9);
  const weights = usable ? wanted : wanted.map(() => 1);
  return shareOut(Math.max(total, wanted.length), weights);
}

function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = text.slice(0, maxChars - 1);
  const space = cut.lastIndexOf(" ");
  return `${(space > maxChars / 2 ? cut.slice(0, space) : cut).toWellFormed().replace(/\uFFFD$/, "")}…`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
