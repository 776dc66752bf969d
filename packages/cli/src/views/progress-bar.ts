import type { TerminalLook } from "./terminal-look.js";

/** A bar of `columns`; a started one shows at least its first half step, and only a whole one is full. */
export function progressBar(
  ratio: number,
  columns: number,
  { paint, glyphs }: TerminalLook,
): string {
  if (columns <= 0) return "";
  const halves =
    ratio >= 1
      ? columns * 2
      : Math.min(columns * 2 - 1, Math.ceil(Math.max(0, ratio) * columns * 2));
  const full = Math.floor(halves / 2);
  const half = halves % 2;
  const drawn = glyphs.barFull.repeat(full) + glyphs.barHalf.repeat(half);
  return paint("cyan", drawn) + paint("dim", glyphs.barEmpty.repeat(columns - full - half));
}
