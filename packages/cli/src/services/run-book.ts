import type { ProgressFlags } from "../commands/flags.js";
import type { ProgressMode, ProgressRenderer } from "../output/renderer.js";
import type { Runtime } from "../runtime.js";
import { concludeBook, tellForcedEnd } from "./conclude-book.js";
import type { DeliveryRecord } from "./delivery-record.js";
import { followBook } from "./follow-book.js";
import type { Session } from "./session.js";
import { createStopper } from "./stopper.js";
import type { Warnings } from "./warnings.js";

export interface RunBookOptions {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly renderer: ProgressRenderer;
  readonly mode: ProgressMode;
  readonly flags: ProgressFlags;
  readonly warnings: Warnings;
  readonly delivery: DeliveryRecord;
  /** Puts the book's job in line, tells the renderer that it starts, and gives back the number of the book. */
  begin(): Promise<number>;
}

/** What `create` and `resume` have in common: a book is followed to its end, and signals stop it safely. */
export async function runBook(options: RunBookOptions): Promise<number> {
  const { runtime, session, renderer, mode } = options;
  let bookId: number | undefined;
  const tidy = async (exitCode: number) => {
    await renderer.close();
    if (bookId !== undefined) await tellForcedEnd({ runtime, session, mode, bookId, exitCode });
  };
  using stopper = createStopper({ runtime, tidy });
  // With `--json` stdout is what the command is for: when nobody reads it any more, nobody waits for the book either.
  if (mode === "json") runtime.stdout.onBroken(() => stopper.request("broken_pipe"));
  try {
    await session.connect();
    const after = session.bus.head();
    bookId = await options.begin();
    options.warnings.through((text) => renderer.notice(text));
    const book = await followBook({ session, renderer, stopper, bookId, after });
    return await concludeBook({ ...options, book });
  } finally {
    await renderer.close();
  }
}
