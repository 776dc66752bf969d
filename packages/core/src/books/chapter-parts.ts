import type { StepCall } from "../pipeline/types.js";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import { makeAuthorCall, type AuthorEvents } from "./author-events.js";
import type { Author, ChapterTask } from "./authors/author.js";
import { isLooping, judgeChapter, LEAST_LENGTH_RATIO, MIN_LENGTH_RATIO } from "./chapter-judge.js";
import type { ChapterPage } from "./chapter-page.js";
import { wholePart } from "./draft-cut.js";
import type { RepairKind } from "./repair.js";
import { countWords } from "./text.js";

/** How often each fault is mended in one attempt. At the length limit a chapter may well have many parts. */
const BUDGET = { length_limit: 12, unfinished: 3, too_short: 2, cut: 3, too_long: 1 } as const;

/** How many characters of a text are too many, and the error that says so. */
export interface Overrun {
  /** The error that `page` threw at its author, who may have taken it for nothing. */
  readonly error: InkwireError | undefined;
  /** Gives room for an ending. */
  extend(): void;
}

export interface ChapterParts {
  readonly author: Author;
  readonly task: ChapterTask;
  readonly call: StepCall;
  readonly page: ChapterPage;
  readonly events: AuthorEvents;
  readonly overrun: Overrun;
}

/**
 * Has a chapter written, and where its text shows that it is not done, whatever the author says, has it gone on with: cut
 * in the middle, at the length limit, in the middle of a sentence, far too short, or far too long.
 *
 * @throws InkwireError `output_truncated` (retryable) for a chapter that does not come to its end, `output_invalid` for
 *   one that is of no use, whose text is taken back; and whatever the author throws.
 */
export async function writeParts(parts: ChapterParts): Promise<void> {
  const { author, task, call, page, events, overrun } = parts;
  const target = task.chapter.words;
  const left: Record<keyof typeof BUDGET, number> = { ...BUDGET };
  let part: ChapterTask["part"];

  const repair = (kind: RepairKind, message: string): void =>
    events.onRepair?.({ jobId: call.jobId, step: call.step }, { kind, message });
  const rewind = (maxDropped?: number): void =>
    page.rewind(wholePart(page.text, maxDropped).length);

  for (;;) {
    const before = page.length;
    let finishReason: "stop" | "length" | undefined;
    try {
      finishReason = await writePart(parts, part);
    } catch (error) {
      if (call.signal.aborted || !author.continues) throw error;
      if (overrun.error !== undefined) {
        const hopeless = left.too_long === 0 || isLooping(page.text);
        rewind();
        if (hopeless || page.length === 0) throw takeBack(page, endless(task));
        left.too_long -= 1;
        repair("too_long", "it grew far beyond its length and was stopped, an ending is asked for");
        overrun.extend();
        part = "close";
        continue;
      }
      if (isInkwireError(error, "output_invalid")) throw takeBack(page, error);
      rewind();
      if (!canGoOn(error) || page.length <= before || left.cut === 0) throw error;
      left.cut -= 1;
      repair("cut", `${error.message.replace(/[.!]$/, "")}; ${goesOn(page)}`);
      continue;
    }
    // Absent: its author vouches for it.
    if (finishReason === undefined) return;

    const verdict = judgeChapter(page.text, finishReason, target);
    if (verdict === "whole" || (verdict === "too_short" && part === "close")) return;
    if (page.text.trim() === "") return;
    const grew = page.length > before;
    if (author.continues && left[verdict] > 0 && grew) {
      left[verdict] -= 1;
      if (verdict === "unfinished") rewind(0);
      repair(verdict, faults[verdict](page, target));
      continue;
    }
    if (verdict === "length_limit") throw unended(task);
    if (verdict === "unfinished") rewind(0);
    const words = countWords(page.text);
    const least = verdict === "too_short" ? LEAST_LENGTH_RATIO : MIN_LENGTH_RATIO;
    if (words < least * target || page.length === 0) throw unended(task);
    repair(
      verdict,
      verdict === "too_short"
        ? `it stays short, ${size(words)} of ${size(target)} words`
        : "it ends with its last whole sentence",
    );
    return;
  }
}

async function writePart(
  { author, task, call, page, events, overrun }: ChapterParts,
  part: ChapterTask["part"],
): Promise<"stop" | "length" | undefined> {
  const before = page.length;
  let ended = false;
  let dropped = false;
  let told = false;
  const write = (piece: string): void => {
    // An author that is deaf to its signal must not write into what another attempt does now.
    if (ended || call.signal.aborted) dropped = true;
    else page.write(piece);
  };
  try {
    const { usage, finishReason } = await author.chapter(
      author.continues ? { ...task, soFar: page.text, part } : task,
      makeAuthorCall(call, write, {
        ...events,
        onUsage(place, spent) {
          told = true;
          events.onUsage?.(place, spent);
        },
      }),
    );
    // Authors need not tell of each request.
    if (!told && usage !== undefined) {
      const place = { jobId: call.jobId, step: call.step };
      const purpose = before === 0 ? "chapter" : "continuation";
      events.onUsage?.(place, { author: author.id, purpose, usage, outcome: "finished" });
    }
    // One that came to its end before it could be stopped is whole, and paid for.
    if (dropped) call.signal.throwIfAborted();
    // Also where the author took the refusal for nothing.
    if (overrun.error !== undefined) throw overrun.error;
    page.settle();
    return finishReason;
  } finally {
    ended = true;
  }
}

/** A connection that broke is taken up at once; who asks for time gets it, from the retries of the step. */
function canGoOn(error: unknown): error is InkwireError {
  return (
    isInkwireError(error) &&
    error.retryable &&
    error.retryAfterMs === undefined &&
    (error.code === "provider_failed" || error.code === "output_truncated")
  );
}

const faults = {
  length_limit: (page: ChapterPage) => `the model reached its length limit, ${goesOn(page)}`,
  unfinished: (page: ChapterPage) =>
    `the model stopped in the middle of a sentence, ${goesOn(page)}`,
  too_short: (page: ChapterPage, target: number) =>
    `the model stopped after ${size(countWords(page.text))} of ${size(target)} words, it goes on`,
};

function goesOn(page: ChapterPage): string {
  return `it goes on after ${size(countWords(page.text))} words`;
}

const size = (words: number): string => words.toLocaleString("en-US");

/** The text is of no use to a further attempt, so nothing of it stays. */
function takeBack(page: ChapterPage, error: InkwireError): InkwireError {
  page.rewind(0);
  return error;
}

function endless({ chapter }: ChapterTask): InkwireError {
  const message = `Chapter ${chapter.number} does not come to an end: it was stopped far beyond its ${size(chapter.words)} words`;
  return new InkwireError("output_invalid", message, { retryable: true });
}

function unended({ chapter }: ChapterTask): InkwireError {
  return new InkwireError(
    "output_truncated",
    `Chapter ${chapter.number} was not brought to its end.`,
    {
      retryable: true,
      hint: "Fewer words a chapter, or a model with a larger output limit, may help.",
    },
  );
}
