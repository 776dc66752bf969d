import * as v from "valibot";
import { describeIssues, InkwireError } from "../protocol/index.js";
import { cleanLine, cleanText } from "./text.js";
import type { BookRequest } from "./types.js";

/** Bounds of a request; texts are counted in UTF-16 units after cleaning. */
export const bookRequestLimits = Object.freeze({
  maxTitle: 300,
  maxBrief: 20_000,
  maxByline: 200,
  maxAuthor: 200,
  minChapters: 1,
  maxChapters: 200,
  minWords: 100,
  maxWords: 1_000_000,
  maxCostUsd: 100_000,
  minTokens: 1_000,
  maxTokens: 1_000_000_000,
});

/** What a request without the field means. */
export const bookRequestDefaults = Object.freeze({
  chapters: 12,
  wordsPerChapter: 1_200,
  language: "en",
  /** Whoever decides which author writes (`chooseAuthor`) takes the best one that is there. */
  author: "auto",
});

const limits = bookRequestLimits;

/**
 * The name of a provider, then, after a colon, whatever that provider calls its models (`llama3:8b`, `org/model@v2`); several
 * with commas take over from each other.
 */
const AUTHOR =
  /^[a-z][a-z0-9-]{0,40}(:[^\s\p{C},]+)?(?:,[a-z][a-z0-9-]{0,40}(:[^\s\p{C},]+)?){0,4}$/u;

// A schema's metadata is what JSON Schema says of the input; the checks after it decide.
function text(clean: (value: string) => string, min: number, max: number) {
  return v.pipe(
    v.string(expected("text")),
    v.metadata({ minLength: min, maxLength: max }),
    v.transform(clean),
    v.check(
      (value) => value.length >= min && value.length <= max,
      ({ input }) => `expected ${min} to ${max} characters, got ${input.length}`,
    ),
  );
}

/** Nothing but marks that nobody sees is as good as nothing. */
function cleanTitle(value: string): string {
  const title = cleanLine(value);
  return /[^\s\p{C}]/u.test(title) ? title : "";
}

function wholeNumber(min: number, max: number) {
  const wanted = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected(wanted)),
    v.metadata({ type: "integer", minimum: min, maximum: max }),
    v.check(
      (value) => Number.isSafeInteger(value) && value >= min && value <= max,
      ({ input }) => `expected ${wanted}, got ${input}`,
    ),
  );
}

/** More than nothing: a book that may cost nothing is written by an author that is not paid. */
function amount(max: number) {
  const wanted = `a number above 0, up to ${max}`;
  return v.pipe(
    v.number(expected(wanted)),
    v.check(
      (value) => value > 0 && value <= max,
      ({ input }) => `expected ${wanted}, got ${input}`,
    ),
  );
}

const language = v.pipe(
  v.string(expected("a language tag")),
  v.check(
    (value) => canonicalLanguage(value) !== undefined,
    "expected a language tag (BCP 47) such as en or pt-BR",
  ),
  v.transform((value) => canonicalLanguage(value) ?? value),
);

const author = v.pipe(
  v.string(expected("text")),
  v.transform((value) => value.trim()),
  v.check(
    (value) => value.length <= limits.maxAuthor && AUTHOR.test(value),
    "expected offline, markdown, or <provider>:<model> such as openai:gpt-5",
  ),
);

const fields = {
  title: text(cleanTitle, 1, limits.maxTitle),
  brief: v.optional(text(cleanText, 0, limits.maxBrief), ""),
  chapters: v.optional(
    wholeNumber(limits.minChapters, limits.maxChapters),
    bookRequestDefaults.chapters,
  ),
  words: v.optional(wholeNumber(limits.minWords, limits.maxWords)),
  language: v.optional(language, bookRequestDefaults.language),
  author: v.optional(author, bookRequestDefaults.author),
  byline: v.optional(text(cleanLine, 0, limits.maxByline)),
  maxCostUsd: v.optional(amount(limits.maxCostUsd)),
  maxTokens: v.optional(wholeNumber(limits.minTokens, limits.maxTokens)),
};

/**
 * What {@link parseBookRequest} accepts, as a valibot schema (and so a Standard Schema): for an HTTP server that describes
 * and validates its input. Its output still lacks the default of `words`.
 */
export const bookRequestSchema = v.strictObject(fields, (issue) => {
  if (issue.expected === "never")
    return `unknown field, known are ${Object.keys(fields).join(", ")}`;
  return issue.expected === "Object" ? "expected an object with a title" : "expected, but missing";
});

/**
 * A checked and filled request made of whatever somebody sent. Texts are cleaned first: control characters dropped, lone
 * surrogates replaced, white space of one-line fields folded.
 *
 * `words` is for the whole book; its default is 1,200 for each chapter.
 *
 * @throws InkwireError `invalid_request` whose message begins with the field, such as
 *   `title: expected 1 to 300 characters, got 10000`.
 */
export function parseBookRequest(input: unknown): BookRequest {
  const result = v.safeParse(bookRequestSchema, input);
  if (!result.success) {
    throw new InkwireError("invalid_request", describeIssues(result.issues.map(toIssue)));
  }
  const { byline, words, maxCostUsd, maxTokens, ...rest } = result.output;
  return {
    ...rest,
    words: words ?? rest.chapters * bookRequestDefaults.wordsPerChapter,
    ...(byline === undefined || byline === "" ? {} : { byline }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
}

function toIssue(issue: v.BaseIssue<unknown>): { message: string; path: string[] } {
  // A field's name may be anything somebody sent: it is shown, so it is cleaned and cut.
  const path = (issue.path ?? []).map((part) => cleanLine(String(part.key)).slice(0, 40));
  return { message: issue.message, path };
}

function expected(what: string): (issue: v.BaseIssue<unknown>) => string {
  return (issue) => `expected ${what}, got ${nameOf(issue.input)}`;
}

/** Says what came instead, never its content. */
function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (Number.isNaN(value)) return "NaN";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function canonicalLanguage(value: string): string | undefined {
  try {
    const [canonical] = Intl.getCanonicalLocales(value.trim());
    return canonical !== undefined && canonical.length <= 35 ? canonical : undefined;
  } catch {
    return undefined;
  }
}
