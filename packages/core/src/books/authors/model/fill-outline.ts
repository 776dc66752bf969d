import type { BookRequest } from "../../types.js";
import type { ModelRequest } from "./read-model.js";
import {
  nextMissing,
  PART_SEPARATOR,
  readOutlineParts,
  type OutlineParts,
  type PlannedPart,
} from "./outline-parts.js";

/** How often chapters that are missing are asked for. Each answer has to bring one at least. */
const MAX_ASKS = 12;
/** Of each summary, when a model is shown what is planned already: enough to fit the others in between. */
const SHOWN_CHARS = 200;

export interface OutlineFilling {
  readonly request: BookRequest;
  /** What is there; at least one chapter. */
  readonly parts: OutlineParts;
  /** The request that the outline was asked for with. */
  readonly prompt: string;
  readonly ask: (
    turns: ModelRequest["turns"],
    chapters: number,
    keep: (piece: string) => void,
  ) => Promise<{ readonly text: string }>;
  /** Given the outline as JSON each time that chapters were added. */
  readonly onMore: (json: string) => void;
  /** Given what adds to it while it comes. */
  readonly onText: (piece: string) => void;
}

/**
 * Asks for the chapters that an outline lacks, and for no other: what is there was paid for. Gives back the whole outline
 * as JSON, or `undefined` where some are still missing.
 */
export async function fillOutline(filling: OutlineFilling): Promise<string | undefined> {
  const { request, parts, prompt, ask, onMore, onText } = filling;
  const { premise } = parts;
  const chapters = new Map(parts.chapters);
  for (let asks = 0; asks < MAX_ASKS; asks++) {
    const wanted = nextMissing(chapters, request.chapters);
    if (wanted.length === 0) return asJson(premise, chapters);
    const turns: ModelRequest["turns"] = [
      { role: "user", text: prompt },
      { role: "assistant", text: asJson(premise, chapters, SHOWN_CHARS) },
      { role: "user", text: missingPrompt(wanted, request.chapters) },
    ];
    let isFirst = true;
    const answer = await ask(turns, wanted.length, (piece) => {
      onText(isFirst ? `${PART_SEPARATOR}${piece}` : piece);
      isFirst = false;
    });
    const found = readOutlineParts(answer.text, wanted);
    if (found.chapters.size === 0) return undefined;
    for (const [number, part] of found.chapters) chapters.set(number, part);
    onMore(asJson(premise, chapters));
  }
  return undefined;
}

function missingPrompt(wanted: readonly number[], of: number): string {
  return [
    "[inkwire outline chapters]",
    `That outline lacks ${wanted.length === 1 ? "chapter" : "chapters"} ${wanted.join(", ")} of ${of}.`,
    'Answer with one JSON object of the same shape, whose "chapters" has exactly these, with these numbers, and nothing around it. They fit among those that are there, and repeat none of them.',
  ].join("\n");
}

function asJson(
  premise: string,
  chapters: ReadonlyMap<number, PlannedPart>,
  maxSummary = Infinity,
): string {
  const list = [...chapters]
    .toSorted(([a], [b]) => a - b)
    .map(([number, part]) => ({
      ...part,
      number,
      summary: String(part["summary"]).slice(0, maxSummary).toWellFormed(),
    }));
  return JSON.stringify({ premise, chapters: list });
}
