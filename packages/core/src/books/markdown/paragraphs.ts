import type { MarkdownIt, Token } from "markdown-it";

/** What stands between two pipes of a table's row. */
const CELL = /(?:[^|\\]|\\.)+/g;

/** The parts of a text that inline markup cannot reach out of, as offsets; none of code. */
export function* paragraphsOf(text: string, parser: MarkdownIt): Generator<[number, number]> {
  const lines = text.split("\n");
  const kinds = kindsOfLines(text, lines.length, parser);
  let offset = 0;
  let start = -1;
  for (const [index, line] of lines.entries()) {
    const { isCode = false, isRow = false, isStart = false } = kinds[index] ?? {};
    const belongs = !isCode && !isRow && line.trim() !== "";
    if (start >= 0 && (!belongs || isStart)) {
      yield [start, offset];
      start = -1;
    }
    if (belongs && start < 0) start = offset;
    // Cells end at a pipe whatever else the pipe stands in.
    if (isRow)
      for (const { index: at, 0: cell } of line.matchAll(CELL))
        yield [offset + at, offset + at + cell.length];
    offset += line.length + 1;
  }
  if (start >= 0) yield [start, text.length];
}

interface LineKind {
  isCode?: boolean;
  isRow?: boolean;
  /** A block begins or has ended here. */
  isStart?: boolean;
}

function kindsOfLines(text: string, count: number, parser: MarkdownIt): LineKind[] {
  const kinds = Array.from({ length: count }, (): LineKind => ({}));
  const tokens: Token[] = [];
  parser.block.parse(text, parser, {}, tokens);
  for (const { type, map } of tokens) {
    if (map === null) continue;
    for (const line of map) (kinds[line] ?? {}).isStart = true;
    if (type === "fence" || type === "code_block") {
      for (const kind of kinds.slice(...map)) kind.isCode = true;
    }
    if (type === "table_open") for (const kind of kinds.slice(...map)) kind.isRow = true;
  }
  return kinds;
}
