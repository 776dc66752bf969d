import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Author } from "../../../src/books/authors/author.js";

export interface Script {
  readonly id?: string;
  /** The pieces of a chapter, by its number. @default a few hundred words that tell which chapter it is */
  readonly pieces?: (chapter: number) => Iterable<string>;
  readonly concurrency?: number;
  /** Pause after each piece. @default 0: none */
  readonly pauseMs?: number;
  /** Called before each chapter; what it throws is how the attempt ends. */
  readonly before?: (chapter: number, signal: AbortSignal) => void | Promise<void>;
  /** Called after the pieces of each chapter; what it throws is how the attempt ends. */
  readonly after?: (chapter: number, signal: AbortSignal) => void | Promise<void>;
  /** A file that gets a line for each call: `outline`, or a chapter's number. */
  readonly journal?: string;
  /** The same, in memory. */
  readonly calls?: string[];
  readonly notice?: string;
}

/** An author for tests: it writes what it is told, as fast or as badly as it is told. */
export function createScriptedAuthor(script: Script = {}): Author {
  const { pieces = defaultPieces, concurrency = 1, pauseMs = 0 } = script;
  const note = (call: string): void => {
    script.calls?.push(call);
    if (script.journal !== undefined) appendFileSync(script.journal, `${call}\n`);
  };
  return {
    id: script.id ?? "scripted:one",
    label: "a script",
    concurrency,
    ...(script.notice === undefined ? {} : { notice: script.notice }),
    async outline(request) {
      note("outline");
      return {
        title: request.title,
        premise: `What ${request.title} is about.`,
        chapters: Array.from({ length: request.chapters }, (_, index) => ({
          number: index + 1,
          title: `Part ${index + 1}`,
          summary: `What happens in part ${index + 1}.`,
          words: Math.max(1, Math.round(request.words / request.chapters)),
        })),
      };
    },
    async chapter({ chapter: { number } }, call) {
      const { signal } = call;
      note(`${number}`);
      await script.before?.(number, signal);
      for (const piece of pieces(number)) {
        signal.throwIfAborted();
        call.write(piece);
        if (pauseMs > 0) await delay(pauseMs, undefined, { signal });
      }
      await script.after?.(number, signal);
      return { usage: { inputTokens: 10, outputTokens: 20 * number, estimated: false } };
    },
  };
}

function* defaultPieces(chapter: number): Generator<string> {
  for (let sentence = 1; sentence <= 20; sentence += 1) {
    yield `Sentence ${sentence} of chapter ${chapter} says `;
    yield "that the tide comes in, ";
    yield "and that the tide goes out.\n\n";
  }
}
