// Draws what stands on a terminal's screen as an SVG picture.
import headless from "@xterm/headless";

const CELL = { width: 8.4, height: 18, size: 14 };
const PAPER = "#1b1b1f";
const INK = "#dcdccc";
// The sixteen colours of a quiet dark theme; 16 to 255 are computed as xterm does.
const PALETTE = [
  "#2b2b30",
  "#e07a7a",
  "#8fbf8f",
  "#e0c589",
  "#8cb4e0",
  "#c9a0dc",
  "#7fc4c4",
  "#dcdccc",
  "#7a7a82",
  "#f09a9a",
  "#a9d9a9",
  "#f0d9a5",
  "#a8ccf0",
  "#dcb8ee",
  "#9bdcdc",
  "#ffffff",
];

/**
 * @param {number} index
 * @returns {string}
 */
function colour(index) {
  const fixed = PALETTE[index];
  if (fixed !== undefined) return fixed;
  if (index >= 232) return grey(8 + (index - 232) * 10);
  const level = [0, 95, 135, 175, 215, 255];
  const cube = index - 16;
  const part = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(
    (value) => level[value] ?? 0,
  );
  return `rgb(${part.join(",")})`;
}

/** @param {number} value */
const grey = (value) => `rgb(${value},${value},${value})`;

/** @param {string} text */
const escape = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * @param {string} ansi - what the program wrote
 * @param {{ columns: number, rows: number, title: string }} options
 * @returns {Promise<string>} the SVG document
 */
export async function terminalSvg(ansi, { columns, rows, title }) {
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    convertEol: true,
  });
  await new Promise((done) => terminal.write(ansi, () => done(undefined)));
  const lines = [];
  for (let row = 0; row < rows; row += 1) lines.push(drawLine(terminal, row, columns));
  const width = Math.ceil(columns * CELL.width + 32);
  const height = rows * CELL.height + 56;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<rect width="100%" height="100%" rx="10" fill="${PAPER}"/>
<g fill="#55555c"><circle cx="20" cy="18" r="5"/><circle cx="38" cy="18" r="5"/><circle cx="56" cy="18" r="5"/></g>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${CELL.size}" fill="${INK}">
${lines.filter((line) => line !== "").join("\n")}
</g>
</svg>
`;
}

/**
 * One `<text>` a line, one `<tspan>` a run of equal style; each run is placed by its column, so that fonts can differ.
 * @param {import("@xterm/headless").Terminal} terminal
 * @param {number} row
 * @param {number} columns
 */
function drawLine(terminal, row, columns) {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
  /** @type {{ column: number, text: string, style: string }[]} */
  const runs = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = cellStyle(cell);
    const last = runs.at(-1);
    const text = cell.getChars() === "" ? " " : cell.getChars();
    if (last?.style === style && cell.getWidth() === 1) last.text += text;
    else runs.push({ column, text, style });
  }
  const y = 44 + row * CELL.height;
  return runs
    .filter((run) => run.text.trim() !== "")
    .map(({ column, text, style }) => {
      // Without the spaces at its ends, and with those inside kept: viewers fold spaces, and then stretch what is left.
      const x = 16 + (column + text.length - text.trimStart().length) * CELL.width;
      const word = text.trim().replaceAll(" ", "\u00a0");
      const width = ([...word].length * CELL.width).toFixed(1);
      return `<text x="${x.toFixed(1)}" y="${y}"${style} textLength="${width}">${escape(word)}</text>`;
    })
    .join("");
}

/** @param {import("@xterm/headless").IBufferCell} cell */
function cellStyle(cell) {
  let style = "";
  if (cell.isFgRGB()) style += ` fill="#${cell.getFgColor().toString(16).padStart(6, "0")}"`;
  else if (cell.isFgPalette()) style += ` fill="${colour(cell.getFgColor())}"`;
  if (cell.isBold()) style += ' font-weight="bold"';
  if (cell.isDim()) style += ' opacity="0.6"';
  if (cell.isItalic()) style += ' font-style="italic"';
  return style;
}
