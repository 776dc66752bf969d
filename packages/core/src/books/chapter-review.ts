import type { StepCall } from "../pipeline/types.js";
import { isInkwireError } from "../protocol/index.js";
import { makeAuthorCall, type AuthorEvents } from "./author-events.js";
import type { Author, ChapterTask } from "./authors/author.js";
import { chapterPrompt } from "./authors/model/prompts.js";
import type { ChapterPage } from "./chapter-page.js";
import { checkChapter, type GuardContext } from "./guards/check-chapter.js";
import type { Finding } from "./guards/finding.js";
import { findLeaks } from "./guards/preamble.js";
import { cleanText } from "./text.js";

/** What one request to mend a chapter may hold: what is beyond it stays as it is. */
const maxPassages = 8;
const maxPassageChars = 12_000;
/** Cutting more than this share of a chapter would mend nothing. */
const maxCut = 0.4;
/** What was cut may have hidden something. */
const maxRounds = 3;

export interface ChapterReview {
  readonly author: Author;
  readonly task: ChapterTask;
  readonly call: StepCall;
  readonly page: ChapterPage;
  readonly events: AuthorEvents;
  /** Texts of chapters before this one. */
  readonly earlier: readonly string[];
}

/**
 * Reads a finished chapter as a reader would, without a model: what an author said to whoever asked, a doubled title, a passage
 * that stands there twice, a name that nobody knows. What only has to go is cut; for the rest its author is asked once to
 * mend just those passages. Everything is told as a repair, also what stays as it was.
 *
 * Only of authors that can mend: the words of a person, and a plan, are theirs.
 */
export async function reviewChapter(review: ChapterReview): Promise<void> {
  const { author, task, call, page, events, earlier } = review;
  if (author.mend === undefined) return;
  const context = contextOf(task, earlier);
  const tell = (message: string): void =>
    events.onRepair?.({ jobId: call.jobId, step: call.step }, { kind: "guard", message });

  for (let round = 0; round < maxRounds; round += 1) {
    const cuts = checkChapter(page.text, context).filter(({ cut }) => cut);
    const text = replaceAll(
      page.text,
      cuts.map((finding) => ({ ...finding, text: "" })),
    );
    if (cuts.length === 0 || text.length < page.length * (1 - maxCut)) break;
    page.replace(text);
    for (const message of new Set(cuts.map((finding) => finding.message)))
      tell(`${message}; it is cut out`);
  }

  const passages = passagesOf(page.text, checkChapter(page.text, context));
  if (passages.length === 0) return;
  const faults = [...new Set(passages.flatMap((passage) => passage.faults))].join("; ");
  try {
    const mended = await author.mend(
      {
        ...task,
        passages: passages.map(({ text, faults: all }) => ({ text, fault: all.join("; ") })),
      },
      makeAuthorCall(call, () => {}, events),
    );
    const changes = passages.flatMap((passage, index) => {
      const text = usable(mended[index], passage.text);
      return text === undefined ? [] : [{ ...passage, text }];
    });
    page.replace(replaceAll(page.text, changes));
    const isAll = changes.length === passages.length;
    tell(
      isAll
        ? `${faults}; mended`
        : `${faults}; mended in ${changes.length} of ${passages.length} places`,
    );
  } catch (error) {
    // The text is whole and paid for: it stays as it is, unless nothing more may be spent at all.
    call.signal.throwIfAborted();
    if (!isInkwireError(error) || error.code === "budget_exceeded") throw error;
    tell(`${faults}; it stays, as its author could not mend it`);
  }
}

interface Passage {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly faults: readonly string[];
}

/** What is wrong, passage by passage, as much as one request may hold; no passage overlaps another. */
function passagesOf(text: string, findings: readonly Finding[]): Passage[] {
  const passages: Passage[] = [];
  let left = maxPassageChars;
  for (const { start, end, message } of findings) {
    const last = passages.at(-1);
    if (last !== undefined && start < last.end) {
      const merged = Math.max(end, last.end);
      passages[passages.length - 1] = {
        start: last.start,
        end: merged,
        text: text.slice(last.start, merged),
        faults: [...new Set([...last.faults, message])],
      };
      continue;
    }
    if (passages.length === maxPassages || end - start > left) continue;
    left -= end - start;
    passages.push({ start, end, text: text.slice(start, end), faults: [message] });
  }
  return passages;
}

function contextOf(task: ChapterTask, earlier: readonly string[]): GuardContext {
  const { request, outline, chapter, known = [], notes = [] } = task;
  const planned = outline.chapters.flatMap(({ title, summary, entry, exit }) => [
    title,
    summary,
    entry,
    exit,
  ]);
  const source = notes.flatMap(({ from, text }) => [from, text]);
  const plan = [request.title, request.brief, outline.premise, ...planned];
  const names = [...plan, ...known, ...source, ...earlier];
  const { system: instructions } = chapterPrompt(task);
  return { chapter, language: request.language, earlier, known: names.join("\n"), instructions };
}

/** What an author sent for a passage, if it can take its place. */
function usable(sent: string | undefined, passage: string): string | undefined {
  const text = cleanText(sent ?? "").trim();
  if (text === "" || text === passage || findLeaks(text).length > 0) return undefined;
  return text.length < passage.length * 0.2 || text.length > passage.length * 3 + 200
    ? undefined
    : text;
}

/** Puts in what replaces each part; where nothing does, the blank lines around it go as well. */
function replaceAll(
  text: string,
  changes: ReadonlyArray<{ readonly start: number; readonly end: number; readonly text: string }>,
): string {
  let result = "";
  let from = 0;
  for (const { start, end, text: put } of changes.toSorted((a, b) => a.start - b.start)) {
    if (start < from) continue;
    result += text.slice(from, start) + put;
    from = end;
    if (put !== "") continue;
    while (/\s/.test(text[from] ?? "")) from += 1;
  }
  return (result + text.slice(from)).replace(/^\s*\n/, "").trimEnd();
}
