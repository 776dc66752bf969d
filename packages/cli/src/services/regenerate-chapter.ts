import { userTopic } from "@inkwire/core/protocol";
import type { RegenerateFlags } from "../commands/chapter.js";
import { systemClock } from "../output/clock.js";
import { commandLine } from "../output/command-line.js";
import { exitCodeOf, exitCodes } from "../output/exit-codes.js";
import { createPlainRenderer } from "../output/plain.js";
import type { Runtime } from "../runtime.js";
import { approveSpending } from "./approve-spending.js";
import { tellChange } from "./chapter-versions.js";
import { openSession } from "./session.js";
import { createStopper } from "./stopper.js";

/**
 * `inkwire chapter regenerate`: says what it will cost, asks once, and has the chapter written again. Until it is whole, and
 * for good if it is stopped, the text that is there stays.
 *
 * @returns the exit code.
 */
export async function regenerateChapter(
  runtime: Runtime,
  book: number,
  chapter: number,
  flags: RegenerateFlags,
): Promise<number> {
  await using session = await openSession(runtime, flags);
  const { books, bus, owner } = session;
  const limits = { maxCostUsd: flags.maxCost, maxTokens: flags.maxTokens };
  const estimate = await books.versions.estimate(owner, book, [chapter]);
  const yes = flags.yes === true;
  if (!(await approveSpending(runtime, { mode: "plain", yes, request: limits, estimate }))) {
    runtime.stderr.write("Nothing was written\n");
    return exitCodes.failed;
  }
  const renderer = createPlainRenderer({
    write: (text) => runtime.stderr.write(text),
    clock: systemClock,
  });
  using stopper = createStopper({ runtime, tidy: () => renderer.close() });
  const messages = bus.subscribe([userTopic(owner)], { after: bus.head(), onGap: () => {} });
  void (async () => {
    for await (const message of messages) renderer.message(message);
  })().catch(() => undefined);
  try {
    await session.connect();
    const { taskId } = await books.versions.regenerate(owner, book, chapter, limits);
    stopper.onStop(() => void books.close({ graceMs: 0 }).catch(() => undefined));
    const { status, error, change } = await books.versions.wait(owner, book, taskId);
    await renderer.close();
    if (change !== undefined) {
      tellChange(runtime, book, chapter, change);
      return exitCodes.done;
    }
    if (session.isRemote && (status === "queued" || status === "processing")) {
      runtime.stderr.write("The server goes on with it; the text that is there stays until then\n");
      return exitCodes.stopped;
    }
    if (status !== "failed") {
      const again = commandLine(runtime.env, `chapter regenerate ${book} ${chapter}`);
      runtime.stderr.write(`Stopped; the text that is there stays. Go on with: ${again}\n`);
      return exitCodes.stopped;
    }
    return exitCodeOf(error?.code ?? "internal");
  } finally {
    messages.close();
    await renderer.close();
  }
}
