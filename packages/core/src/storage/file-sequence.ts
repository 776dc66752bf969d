import { rmSync } from "node:fs";
import { join } from "node:path";
import { flushFolder } from "./atomic-file.js";
import { createNumbered, newestIn, removeBelow } from "./numbered-files.js";

/** How many of the last numbers stay as files. */
const KEPT_NUMBERS = 16;

/**
 * Takes the next number of the sequence that lives in `folder`, from 1. A number is taken by creating its file, which
 * works once; the highest file stays for ever, so a number is never given twice, not even after a power cut.
 */
export async function takeNumber(folder: string): Promise<number> {
  for (;;) {
    const number = (newestIn(folder)?.number ?? 0) + 1;
    if (!createNumbered(folder, number, () => {})) continue;
    if (!isFirst(number, newestIn(folder)?.number)) {
      rmSync(join(folder, String(number)), { force: true });
      continue;
    }
    removeBelow(folder, number - KEPT_NUMBERS + 1);
    await flushFolder(folder);
    return number;
  }
}

/**
 * Whether the file of `number` that was just created had never been there before. Files go only when they are
 * {@link KEPT_NUMBERS} below the newest; as long as the newest is nearer than that, nobody else can have had this one.
 */
function isFirst(number: number, newest: number | undefined): boolean {
  return newest !== undefined && newest - number < KEPT_NUMBERS;
}
