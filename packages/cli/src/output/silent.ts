import { formatError, tellError } from "./errors.js";
import type { ProgressRenderer } from "./renderer.js";

/** For `--quiet`: says nothing but why there is no book; the result on stdout is the command's. */
export function createSilentRenderer(write: (text: string) => void): ProgressRenderer {
  return {
    start() {},
    snapshot() {},
    message() {},
    notice() {},
    finish({ book, resumeCommand }) {
      const hint = resumeCommand === undefined ? undefined : `go on with: ${resumeCommand}`;
      if (book.error !== undefined) write(formatError(tellError(book.error, hint), false));
      // A complete book whose files can't be saved is told by who saves them.
      else if (hint !== undefined && book.status !== "completed") write(`Stopped, ${hint}\n`);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
