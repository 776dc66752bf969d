import type { MarkdownIt, Token } from "markdown-it";

/** Rounds of looking closely. More are only needed by a text that is made to need them. */
const maxRounds = 20;

/**
 * `text` without anything that a viewer would take for a block of HTML. Tags are escaped before this; what is left are lines
 * inside of a code span or of a link's title that begin with `<`, and where a viewer sees a block before it sees the code.
 *
 * @param viewer - a parser that knows HTML.
 */
export function withoutHtmlBlocks(text: string, viewer: MarkdownIt): string {
  let safe = text;
  for (let round = 1; ; round += 1) {
    const lines = safe.split("\n");
    const blocks = htmlBlocks(safe, viewer);
    if (blocks.length === 0) return safe;
    for (const [start, end] of blocks) {
      // Once it takes too long, every line of the block is escaped, not only its first.
      for (let at = start; at < (round < maxRounds ? start + 1 : end); at += 1) {
        lines[at] = (lines[at] ?? "").replace("<", round < maxRounds * 2 ? "\\<" : "&lt;");
      }
    }
    safe = lines.join("\n");
  }
}

function htmlBlocks(text: string, viewer: MarkdownIt): Array<[number, number]> {
  const tokens: Token[] = [];
  viewer.block.parse(text, viewer, {}, tokens);
  return tokens.flatMap(({ type, map }) => (type === "html_block" && map !== null ? [map] : []));
}
