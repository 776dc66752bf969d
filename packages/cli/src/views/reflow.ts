import type { DrawnLine } from "./narration.js";

/**
 * What to write before a frame is erased that was drawn on a wider terminal.
 *
 * A terminal that gets narrower wraps the frame's lines, and the frame takes more rows than were drawn: erasing as many
 * rows as it has lines would leave its top behind. This erases all of them and puts the cursor where the end of an
 * unwrapped frame would be. The cursor is expected in the row below the frame.
 *
 * @param columns - of the terminal now.
 */
export function eraseWrappedFrame(frame: readonly DrawnLine[], columns: number): string {
  const rows = frame.reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
  if (rows <= frame.length) return "";
  // CUU stops at the top of the screen; what has scrolled above it is out of reach.
  return `\r\u001B[${rows}A\u001B[J\u001B[${frame.length}B`;
}
