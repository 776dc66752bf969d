import { setImmediate as turn } from "node:timers/promises";
import { InkwireError } from "../../../protocol/index.js";
import { inlineText } from "../../markdown/headings.js";
import { createMarkdownParser } from "../../markdown/parser.js";
import type { SourcePlan } from "../../source/plan-source.js";
import { countWords } from "../../text.js";
import type { Author } from "../author.js";

/** UTF-16 units in one piece: at most three times as many bytes, under 64 KiB. */
const pieceLength = 16_384;

const maxSummaryLength = 240;

/**
 * The author that writes nothing: it sets the chapters of `plan`, word for word.
 *
 * Its outline is refused with `invalid_request` unless the request asks for as many chapters as the plan has.
 */
export function createMarkdownAuthor(plan: SourcePlan): Author {
  return {
    id: "markdown",
    label: "typeset from your Markdown, no language model was used",
    concurrency: 3,
    outline(request, { signal }) {
      signal.throwIfAborted();
      const { chapters } = plan;
      if (request.chapters !== chapters.length) {
        const message = `chapters: expected ${chapters.length}, as the source has, got ${request.chapters}`;
        return Promise.reject(new InkwireError("invalid_request", message));
      }
      const parser = createMarkdownParser();
      return Promise.resolve({
        title: request.title,
        // The request decides what the book is called; what the source calls itself is not lost for that.
        premise: [plan.title, plan.heading]
          .filter((own) => own !== undefined && own !== request.title)
          .join("\n\n"),
        chapters: chapters.map(({ number, title, text }) => ({
          number,
          title,
          summary: summaryOf(text, (markdown) => inlineText(markdown, parser)),
          words: countWords(text),
        })),
      });
    },
    async chapter({ chapter }, call) {
      const { signal } = call;
      const text = plan.chapters.find(({ number }) => number === chapter.number)?.text;
      if (text === undefined) {
        throw new InkwireError("source_unreadable", `Source: it has no chapter ${chapter.number}.`);
      }
      for (let at = 0; at < text.length;) {
        signal.throwIfAborted();
        const end = endOfPiece(text, at);
        call.write(text.slice(at, end));
        at = end;
        // Others get their turn, and a cancel is heard, in the middle of a long chapter too.
        await turn();
      }
      signal.throwIfAborted();
      return {};
    },
  };
}

/** Never between the two halves of a surrogate pair. */
function endOfPiece(text: string, at: number): number {
  const end = at + pieceLength;
  if (end >= text.length) return text.length;
  return (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
}

/** The beginning of the first paragraph, without markup. */
function summaryOf(text: string, plain: (markdown: string) => string): string {
  const paragraph =
    text.split(/\n{2,}/, 20).find((block) => /^[\p{L}\p{N}*_"'“‘([]/u.test(block)) ?? "";
  const line = plain(paragraph.slice(0, 4 * maxSummaryLength));
  if (line.length <= maxSummaryLength) return line;
  const cut = line.slice(0, maxSummaryLength);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), maxSummaryLength / 2)).toWellFormed()}…`;
}
