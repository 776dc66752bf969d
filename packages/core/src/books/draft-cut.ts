/** A last paragraph that is longer is kept up to its last whole sentence: its text was paid for. In UTF-16 units. */
const MAX_DROPPED = 600;

const fence = /^ {0,3}(?:`{3,}|~{3,})/gmu;
/** What ends a sentence, in the scripts that we know of, and what may close around it. */
const sentenceEnd = /[.!?…。！？।؟۔]["'”’»」』)\]*_`~]*(?=\s|$)|[。！？]/gu;

/** How the last line of a whole text ends. A colon announces something, a comma goes on. */
const closedLine =
  /(?:[.!?…。！？।॥؟۔።។။։]["'”’»」』)\]*_`~]*(?:\[\^?[\w-]{1,20}\])*|[」』]|[—–-]["”’»]|\p{Extended_Pictographic}\uFE0F?)$/u;
/** Scripts that have no full stop at all. */
const unpunctuated = /[\p{Script=Thai}\p{Script=Lao}]["'”’)]*$/u;
const lastWords = /^[\W_]*(?:the end|fin|ende|fine|einde|slut|конец|完|終|끝)[\W_]*$/iu;
/** Lines that need no full stop: items, rows, rules, fences. Headings are none of them: they begin something. */
const openEndedLine = /^\s*(?:[-*+] |\d{1,3}[.)] |\||`{3,}|~{3,}|-{3,}$|\*{3,}$|_{3,}$|> )/u;

/**
 * The beginning of a text that was cut somewhere: its whole paragraphs with the blank line after the last one, or, where
 * that would drop more than `maxDropped`, its whole sentences. Empty when there is neither.
 */
export function wholePart(text: string, maxDropped = MAX_DROPPED): string {
  const start = text.lastIndexOf("\n\n") === -1 ? 0 : text.lastIndexOf("\n\n") + 2;
  const paragraphs = beforeOpenFence(text.slice(0, start));
  if (paragraphs.length < start || text.length - start <= maxDropped) return paragraphs;
  let end = start;
  for (const { index, 0: mark } of text.slice(start).matchAll(sentenceEnd)) {
    end = start + index + mark.length;
  }
  return beforeOpenFence(text.slice(0, end));
}

/** Whether a text ends as prose does: with a whole sentence, a closed block, or a line of a list or a table. */
export function endsWhole(text: string): boolean {
  const end = text.trimEnd();
  if (beforeOpenFence(end) !== end) return false;
  const line = end.slice(end.lastIndexOf("\n") + 1);
  return [closedLine, openEndedLine, unpunctuated, lastWords].some((form) => form.test(line));
}

/** A fence that is open would turn all that follows into code. */
function beforeOpenFence(text: string): string {
  const fences = [...text.matchAll(fence)];
  const last = fences.at(-1);
  return fences.length % 2 === 0 || last === undefined ? text : text.slice(0, last.index);
}
