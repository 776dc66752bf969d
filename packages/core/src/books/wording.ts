import type { ErrorCode, WireError } from "../protocol/index.js";
import type { StepRef } from "../pipeline/types.js";
import type { Repair } from "./repair.js";

/** A step as `current_step` says it: `outline`, `chapter 3`, `assemble`. */
export function stepName(step: StepRef): string {
  return step.index === undefined ? step.name : `${step.name} ${step.index + 1}`;
}

/** What a step does while it runs, such as `Writing chapter 3 of 12: The Causeway`. */
export function describeWork(step: StepRef, title: string | undefined): string {
  if (step.name === "outline") return "Planning the outline";
  if (step.name === "chapter") return `Writing ${chapterOf(step)}${titled(title)}`;
  return "Putting the book together";
}

/** What a finished step leaves, such as `Chapter 3 of 12 is written: The Causeway`. */
export function describeDone(step: StepRef, title: string | undefined, cached: boolean): string {
  if (step.name === "outline")
    return cached ? "The outline was there already" : "The outline is ready";
  if (step.name === "chapter") {
    return `${capitalise(chapterOf(step))} ${cached ? "was there already" : "is written"}${titled(title)}`;
  }
  return "The book is put together";
}

/** Why and when a step is tried again: `Chapter 3: the provider is busy, trying again in 4 s (2 of 5)`. */
export function describeRetry(
  step: StepRef,
  error: WireError,
  waitMs: number,
  attempt: number,
  maxAttempts: number,
): string {
  const wait = waitMs < 500 ? "now" : `in ${formatWait(waitMs)}`;
  return `${capitalise(stepName(step))}: ${reasonOf(error)}, trying again ${wait} (${attempt} of ${maxAttempts})`;
}

/** Why a step stands still: `Chapter 3: the provider's budget is used up, going on in 12 s`. */
export function describeWait(step: StepRef, waitMs: number): string {
  return `${capitalise(stepName(step))}: the provider's budget is used up, going on in ${formatWait(waitMs)}`;
}

/** What was mended in a step's work: `Chapter 3: the model reached its length limit, it goes on`. */
export function describeRepair(step: StepRef, repair: Repair): string {
  return `${capitalise(stepName(step))}: ${repair.message}`;
}

/** How a step ended for good: `Chapter 3: the provider refused the key`. */
export function describeFailure(step: StepRef | undefined, error: WireError): string {
  return step === undefined ? error.message : `${capitalise(stepName(step))}: ${error.message}`;
}

/** `12 chapters, 14,400 words`; always in English digits, whatever the machine's locale. */
export function describeSize(chapters: number, words: number): string {
  return `${count(chapters, "chapter")}, ${count(words, "word")}`;
}

const reasons: Partial<Record<ErrorCode, string>> = {
  provider_busy: "the provider is busy",
  provider_unreachable: "the provider can't be reached",
  provider_failed: "the provider failed",
  output_truncated: "the text was cut off",
  output_invalid: "the answer was of no use",
};

function reasonOf(error: WireError): string {
  return reasons[error.code] ?? error.message.replace(/[.!]$/, "");
}

function formatWait(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${Math.max(1, seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

function chapterOf(step: StepRef): string {
  return step.count === undefined ? stepName(step) : `${stepName(step)} of ${step.count}`;
}

function titled(title: string | undefined): string {
  return title === undefined || title === "" ? "" : `: ${title}`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}
