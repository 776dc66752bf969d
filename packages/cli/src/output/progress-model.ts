import type { BookView, ChapterState } from "@inkwire/core/books";
import type {
  BookGenerationUpdate,
  BookMessage,
  BookStatus,
  ChapterText,
} from "@inkwire/core/protocol";

import { appendText, type WrittenText } from "./chapter-tail.js";
import type { ProgressStart } from "./renderer.js";

/** One chapter as it is known here. Times are milliseconds of the clock that the caller passes as `now`. */
export interface ChapterProgress extends WrittenText {
  readonly number: number;
  readonly title: string | undefined;
  readonly state: ChapterState;
  readonly targetWords: number | undefined;
  /** When its first text came, in this run. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** When its newest text came. */
  readonly activeAt: number | undefined;
}

/** A step that failed and goes on by itself. */
export interface RetryProgress {
  readonly step: string;
  readonly chapter: number | undefined;
  /** The trouble as it was told, such as "Chapter 3: the provider is busy, trying again in 4 s (2 of 5)". */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly retryAt: number;
}

/** Everything that a live view of one book shows. Bounded: of each chapter's text only the end is kept. */
export interface BookProgress {
  readonly bookId: number;
  readonly title: string;
  readonly author: string;
  readonly startedAt: number;
  readonly status: BookStatus;
  /** 0 to 100, never back. */
  readonly percent: number;
  /** What is done now, such as "Planning the outline". */
  readonly stage: string;
  /** In order of their numbers; without an outline only those whose text came. */
  readonly chapters: readonly ChapterProgress[];
  /** Whether `chapters` are all there will be. */
  readonly outlined: boolean;
  /** As the server counts them; the newest text may be missing. */
  readonly reportedWords: number;
  /** Absent where the author writes no prose to a length. */
  readonly targetWords: number | undefined;
  readonly costUsd: number | undefined;
  readonly tokens: number | undefined;
  /** Whether cost and tokens hold what was counted from text. */
  readonly estimated: boolean;
  /** `low` and `high`: between which it probably lies. */
  readonly eta:
    | {
        readonly seconds: number;
        readonly low: number;
        readonly high: number;
        readonly at: number;
      }
    | undefined;
  readonly retries: readonly RetryProgress[];
  /** The chapter whose newest lines are shown: it stays until it ends or falls silent, so that lines do not jump. */
  readonly focus: number | undefined;
  /** The chapter that somebody wants to see instead, also when it is not written any more. */
  readonly chosen: number | undefined;
}

/** How long the shown chapter may be silent before another takes its place. */
const FOCUS_PATIENCE_MS = 3000;

/** What is known before the first message. */
export function createBookProgress(start: ProgressStart, now: number): BookProgress {
  return {
    bookId: start.bookId,
    title: start.title,
    author: start.author,
    startedAt: now,
    status: "queued",
    percent: 0,
    stage: "",
    chapters: [],
    outlined: false,
    reportedWords: 0,
    targetWords: undefined,
    costUsd: undefined,
    tokens: undefined,
    estimated: false,
    eta: undefined,
    retries: [],
    focus: undefined,
    chosen: undefined,
  };
}

/** The state after a message; the same object when the message says nothing about this book. */
export function applyMessage(state: BookProgress, message: BookMessage, now: number): BookProgress {
  switch (message.type) {
    case "book_generation_update":
      return message.data.book_id === state.bookId ? applyUpdate(state, message.data, now) : state;
    case "chapter_text":
      return message.data.book_id === state.bookId ? applyText(state, message.data, now) : state;
    default:
      return state;
  }
}

function applyUpdate(state: BookProgress, update: BookGenerationUpdate, now: number): BookProgress {
  const step = update.current_step ?? "";
  const chapter = chapterOf(step);
  const retryAt = update.retry_at === undefined ? Number.NaN : Date.parse(update.retry_at);
  const retries = state.retries.filter((retry) => retry.step !== step && retry.retryAt > now);
  if (!Number.isNaN(retryAt)) retries.push({ step, chapter, message: update.message, retryAt });
  return {
    ...state,
    chapters:
      chapter === undefined || update.status !== "processing"
        ? state.chapters
        : begin(state, chapter),
    title: update.book_title ?? state.title,
    status: update.status,
    percent: Math.max(state.percent, update.progress),
    stage: Number.isNaN(retryAt) ? update.message : state.stage,
    reportedWords: update.words ?? state.reportedWords,
    costUsd: update.cost_usd ?? state.costUsd,
    tokens: update.tokens ?? state.tokens,
    estimated: update.estimated ?? false,
    eta: etaOf(update, now),
    retries,
  };
}

function etaOf(update: BookGenerationUpdate, at: number): BookProgress["eta"] {
  const { eta_seconds: seconds, eta_low_seconds: low, eta_high_seconds: high } = update;
  return seconds === undefined
    ? undefined
    : { seconds, low: low ?? seconds, high: high ?? seconds, at };
}

/** The chapter that a step such as `chapter 3` writes. */
function chapterOf(step: string): number | undefined {
  const digits = /^chapter (\d{1,5})$/.exec(step)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A chapter that is worked on has begun, also while its first text is waited for. */
function begin(state: BookProgress, number: number): readonly ChapterProgress[] {
  const chapter = findChapter(state, number) ?? emptyChapter(number);
  return chapter.state === "waiting"
    ? withChapter(state.chapters, { ...chapter, state: "writing" })
    : state.chapters;
}

function applyText(state: BookProgress, data: ChapterText, now: number): BookProgress {
  const before = findChapter(state, data.chapter) ?? emptyChapter(data.chapter);
  const chapter: ChapterProgress = {
    ...before,
    ...appendText(before, data.offset, data.text),
    state: data.done ? "done" : "writing",
    startedAt: before.startedAt ?? (data.text === "" ? undefined : now),
    finishedAt: data.done ? now : undefined,
    activeAt: now,
  };
  return {
    ...state,
    chapters: withChapter(state.chapters, chapter),
    retries: state.retries.some((retry) => retry.chapter === data.chapter)
      ? state.retries.filter((retry) => retry.chapter !== data.chapter)
      : state.retries,
    focus: nextFocus(state, chapter, now),
  };
}

function findChapter(state: BookProgress, number: number | undefined): ChapterProgress | undefined {
  return state.chapters.find((chapter) => chapter.number === number);
}

function withChapter(
  chapters: readonly ChapterProgress[],
  chapter: ChapterProgress,
): ChapterProgress[] {
  const index = chapters.findIndex(({ number }) => number >= chapter.number);
  if (index === -1) return [...chapters, chapter];
  return chapters.toSpliced(index, chapters[index]?.number === chapter.number ? 1 : 0, chapter);
}

function nextFocus(state: BookProgress, active: ChapterProgress, now: number): number | undefined {
  if (state.focus === active.number || active.tail === "") return state.focus;
  const shown = findChapter(state, state.focus);
  const stays = shown?.state === "writing" && now - (shown.activeAt ?? 0) < FOCUS_PATIENCE_MS;
  return stays ? state.focus : active.number;
}

function emptyChapter(number: number): ChapterProgress {
  return {
    number,
    title: undefined,
    state: "waiting",
    words: 0,
    targetWords: undefined,
    length: 0,
    tail: "",
    startedAt: undefined,
    finishedAt: undefined,
    activeAt: undefined,
  };
}

const STATE_ORDER: Readonly<Record<ChapterState, number>> = { waiting: 0, writing: 1, done: 2 };

/**
 * The state after the durable record was read again. It may be older than the messages that came meanwhile: what they
 * told about a chapter's text stays, and a chapter never goes back.
 */
export function applySnapshot(state: BookProgress, book: BookView, now: number): BookProgress {
  if (book.id !== state.bookId) return state;
  const toLength = writesToLength(book.author.id);
  const live = new Map(state.chapters.map((chapter) => [chapter.number, chapter]));
  const chapters = book.chapters.map((stored): ChapterProgress => {
    const before = live.get(stored.number) ?? emptyChapter(stored.number);
    const ahead = STATE_ORDER[before.state] > STATE_ORDER[stored.state];
    const done = stored.state === "done";
    return {
      ...before,
      title: stored.title,
      state: ahead ? before.state : stored.state,
      words: done ? stored.words : Math.max(before.words, before.length === 0 ? stored.words : 0),
      targetWords: toLength && stored.targetWords > 0 ? stored.targetWords : undefined,
      finishedAt: done && before.state === "writing" ? now : before.finishedAt,
    };
  });
  return {
    ...state,
    title: book.title,
    status: book.status,
    percent: Math.max(state.percent, book.progress),
    chapters: chapters.length > 0 ? chapters : state.chapters,
    outlined: chapters.length > 0,
    reportedWords: Math.max(state.reportedWords, book.words),
    targetWords: toLength && book.targetWords > 0 ? book.targetWords : undefined,
  };
}

/** The planner's and the typesetter's chapters have the length that they have: a target would only mislead. */
function writesToLength(authorId: string): boolean {
  return authorId !== "offline" && authorId !== "markdown";
}

/** Words of the whole book, the newest included. */
export function totalWords(state: BookProgress): number {
  let sum = 0;
  for (const chapter of state.chapters) sum += chapter.words;
  return Math.max(sum, state.reportedWords);
}

/** Seconds from a chapter's first text to its end, in this run; 0 where it was written before. */
export function secondsTaken({ startedAt, finishedAt }: ChapterProgress): number {
  return startedAt === undefined || finishedAt === undefined ? 0 : (finishedAt - startedAt) / 1000;
}

/** How many chapters are done. */
export function chaptersDone(state: BookProgress): number {
  let done = 0;
  for (const chapter of state.chapters) if (chapter.state === "done") done += 1;
  return done;
}

/** Seconds left as the server last estimated them, less the time since; `undefined` where nobody can tell. */
export function secondsLeft(
  { eta }: BookProgress,
  now: number,
): { readonly seconds: number; readonly low: number; readonly high: number } | undefined {
  if (eta === undefined) return undefined;
  const since = (now - eta.at) / 1000;
  const left = (seconds: number) => Math.max(0, seconds - since);
  const seconds = eta.seconds - since;
  return seconds > 0 ? { seconds, low: left(eta.low), high: left(eta.high) } : undefined;
}

/** The retry that comes next, while it lies ahead. */
export function nextRetry(state: BookProgress, now: number): RetryProgress | undefined {
  return state.retries
    .filter((retry) => retry.retryAt > now)
    .toSorted((a, b) => a.retryAt - b.retryAt)[0];
}
