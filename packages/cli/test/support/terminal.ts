import { Writable } from "node:stream";
import xterm from "@xterm/headless";
import { charWidth } from "../../src/output/text-width.js";

// A CommonJS package whose names Node can't see.
const { Terminal } = xterm;

export interface TestTerminal {
  /** What a renderer is given as its terminal. */
  readonly stream: NodeJS.WriteStream;
  /** Everything that was written, escape codes and all. */
  raw(): string;
  /** All rows, those that have scrolled away first; empty rows at the end left out. */
  lines(): string[];
  /** The rows on screen, all of them. */
  screen(): string[];
  readonly cursorVisible: boolean;
  readonly title: string;
  /** As a window does it: the terminal first, then the program is told. */
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves when all that was written is on the screen. */
  settled(): Promise<void>;
}

/** A real terminal without a window: it takes escape codes and has a screen and a scrollback. */
export function createTestTerminal(columns: number, rows: number): TestTerminal {
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback: 5000,
    allowProposedApi: true,
    convertEol: true,
  });
  // Its own table is that of Unicode 6, older than the wide emoji of today's terminals.
  terminal.unicode.register({
    version: "today",
    wcwidth: (code) => charWidth(String.fromCodePoint(code)),
    charProperties(code, preceding) {
      const width = charWidth(String.fromCodePoint(code));
      // Bit 0 joins a mark to the cell before; bits 1 and 2 are the width (xterm's UnicodeService).
      return width === 0 && preceding !== 0 ? (preceding & 6) | 1 : width << 1;
    },
  });
  terminal.unicode.activeVersion = "today";
  let raw = "";
  let title = "";
  terminal.onTitleChange((text) => {
    title = text;
  });
  const stream = Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, callback) {
        raw += chunk;
        terminal.write(chunk, callback);
      },
    }),
    { isTTY: true, columns, rows },
  );
  const settled = (): Promise<void> => new Promise((resolve) => stream.write("", () => resolve()));
  const rowsFrom = (start: number, end: number): string[] =>
    Array.from(
      { length: end - start },
      (_, index) => terminal.buffer.active.getLine(start + index)?.translateToString(true) ?? "",
    );

  return {
    // What renderers use of a terminal: writing, its size, and the event of a new one.
    stream: stream as unknown as NodeJS.WriteStream,
    raw: () => raw,
    lines() {
      const lines = rowsFrom(0, terminal.buffer.active.length);
      return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
    },
    screen() {
      const { baseY } = terminal.buffer.active;
      return rowsFrom(baseY, baseY + terminal.rows);
    },
    get cursorVisible() {
      return raw.lastIndexOf("\u001B[?25h") >= raw.lastIndexOf("\u001B[?25l");
    },
    get title() {
      return title;
    },
    async resize(newColumns, newRows) {
      await settled();
      terminal.resize(newColumns, newRows);
      Object.assign(stream, { columns: newColumns, rows: newRows });
      stream.emit("resize");
      await settled();
    },
    settled,
  };
}
