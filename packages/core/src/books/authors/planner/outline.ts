import { InkwireError } from "../../../protocol/index.js";
import type { BookRequest, Outline } from "../../types.js";
import { expository } from "./expository.js";
import { narrative } from "./narrative.js";
import { seedOf, type Seed } from "./seed.js";
import { shareOut } from "./share-out.js";
import type { Shape, Stage } from "./stage.js";
import { capital, subjectsOf } from "./subjects.js";

/** A chapter's place in the course of the book. */
export interface PlannedChapter {
  readonly number: number;
  readonly title: string;
  readonly words: number;
  /** What it is about: a word of the book's own, or one that fits its kind. */
  readonly subject: string;
  readonly stage: Stage;
  /** Which of its stage's chapters it is, from 1, and how many those are. */
  readonly turn: number;
  readonly turns: number;
}

/** The working plan of a book before any of it is written down. */
export interface BookPlan {
  readonly shape: Shape;
  readonly premise: string;
  readonly chapters: readonly PlannedChapter[];
}

const STORY =
  /\b(?:novel|story|tale|fiction|thriller|romance|fantasy|mystery|saga|detective|hero|heroine|dragon|ghost|love|adventure|fairy|crime|narrator|protagonist)s?\b/gi;
const ACCOUNT =
  /\b(?:guide|handbook|history|introduction|manual|science|cookbook|recipe|tutorial|course|essay|lesson|learn|practical|programming|atlas|biography|explain|technique|beginner|reference|method|non-?fiction|how)s?\b/gi;

/**
 * Plans a book: the same plan for the same request, whoever writes it later. Its course follows from the kind of book that the
 * title and the brief speak of, or else from the request's hash; its word targets make `request.words` together.
 */
export function planBook(request: BookRequest): BookPlan {
  const seed = seedOf(request);
  const shape = shapeOf(request, seed);
  const stages = spread(shape, request.chapters);
  const own = subjectsOf(request);
  const words = shareOut(
    request.words,
    stages.map((_, index) => 90 + seed.pick(`words ${index}`, 21)),
  );
  const titles = new Set<string>();
  const turns = new Map<Stage, number>();
  const chapters = stages.map((stage, index): PlannedChapter => {
    const turn = (turns.get(stage) ?? 0) + 1;
    turns.set(stage, turn);
    const subject = subjectFor(index, own, shape, seed);
    const title = titleFor(stage, turn, subject, { titles, request, seed, shape });
    titles.add(title);
    return {
      number: index + 1,
      title,
      words: words[index] ?? 0,
      subject,
      stage,
      turn,
      turns: stages.filter((each) => each === stage).length,
    };
  });
  return { shape, premise: premiseOf(request, shape, seed), chapters };
}

/** {@link planBook} as an outline: for the offline author, and for models whose own outline is of no use. */
export function planOutline(request: BookRequest): Outline {
  const { premise, chapters, shape } = planBook(request);
  return {
    title: request.title,
    premise,
    chapters: chapters.map(({ number, title, words, stage, subject }, index) => {
      const before = chapters[index - 1]?.stage.leaves;
      return {
        number,
        title,
        words,
        summary: `${fill(stage.goal, subject, shape)} ${stage.takeaway}`,
        // What its plan says of continuity, for the model that writes it later.
        ...(before === undefined ? {} : { entry: `The chapter before leaves: ${before}.` }),
        exit: `It leaves: ${stage.leaves}.`,
      };
    }),
  };
}

/** The planned chapter behind a chapter of an outline that {@link planOutline} made. */
export function plannedChapter(plan: BookPlan, number: number): PlannedChapter {
  const chapter = plan.chapters[number - 1];
  if (chapter === undefined)
    throw new InkwireError("internal", `The plan has no chapter ${number}.`);
  return chapter;
}

/** `{x}` of a stage's text, said in words: the book's own words in quotation marks, as they may be of any kind. */
export function fill(text: string, subject: string, { subjects }: Shape): string {
  const isGeneric = subjects.includes(subject);
  return text.replaceAll("{x}", () => (isGeneric ? subject.toLowerCase() : `“${subject}”`));
}

function shapeOf({ title, brief }: BookRequest, seed: Seed): Shape {
  const text = `${title} ${brief.slice(0, 4_000)}`;
  const leaning = count(text, STORY) - count(text, ACCOUNT);
  const isStory = leaning === 0 ? seed.pick("shape", 2) === 0 : leaning > 0;
  return isStory ? narrative : expository;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** As many stages as chapters, in order: the first and the last always; in a long book each stage several times in a row. */
function spread({ stages, whole }: Shape, chapters: number): Stage[] {
  const last = stages.length - 1;
  return Array.from({ length: chapters }, (_, index) => {
    if (chapters === 1) return whole;
    const at =
      chapters <= stages.length
        ? Math.round((index * last) / (chapters - 1))
        : Math.floor((index * stages.length) / chapters);
    return stages[at] ?? whole;
  });
}

/** The book's own words are used up first, then those of its kind; then they come again in the same order. */
function subjectFor(
  index: number,
  own: readonly string[],
  { subjects }: Shape,
  seed: Seed,
): string {
  const start = seed.pick("subjects", subjects.length);
  const all = [...own, ...subjects.map((_, at) => subjects[(start + at) % subjects.length] ?? "")];
  return all[index % all.length] ?? "";
}

function titleFor(
  { titles }: Stage,
  turn: number,
  subject: string,
  context: {
    readonly titles: ReadonlySet<string>;
    readonly request: BookRequest;
    readonly seed: Seed;
    readonly shape: Shape;
  },
): string {
  const { titles: used, request, seed, shape } = context;
  const start = seed.pick(`titles ${titles[0]}`, titles.length);
  const plain = titles[(start + turn - 1) % titles.length] ?? "";
  const isFirst = turn <= titles.length;
  // The first and a third of a short book's titles say what the chapter is about; in a long one the subject makes a title of its own.
  const wanted = [
    ...(isFirst && used.size > 0 && seed.pick(`plain ${plain}`, 3) > 0 ? [plain] : []),
    ...(isFirst ? [] : [capital(subject)]),
    ...[subject, ...subjectsOf(request), ...shape.subjects].map(
      (each) => `${plain}: ${capital(each)}`,
    ),
  ];
  return wanted.find((title) => !used.has(title)) ?? `${plain} (${turn})`;
}

function premiseOf(
  { title, language }: BookRequest,
  { premises, name }: Shape,
  seed: Seed,
): string {
  const question = premises[seed.pick("premise", premises.length)] ?? "";
  const english =
    language.split("-", 1)[0] === "en"
      ? ""
      : ` The plan is in English; the prompts ask for ${language}.`;
  return `${question.replaceAll("{title}", () => title)} Planned as ${name}.${english}`;
}
