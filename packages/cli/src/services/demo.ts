import { setTimeout as sleep } from "node:timers/promises";
import type { BookMessage } from "@inkwire/core/protocol";
import type { DemoFlags } from "../commands/demo.js";
import { commandLine } from "../output/command-line.js";
import { exitCodes, signalExitCodes } from "../output/exit-codes.js";
import { elapsedSeconds, writeJsonLine } from "../output/json.js";
import type { ProgressMode, ProgressRenderer } from "../output/renderer.js";
import { wrap } from "../output/text-width.js";
import { readRecording, type RecordedEvent, type Recording } from "../recording.js";
import type { Runtime } from "../runtime.js";
import { resultData } from "./conclude-book.js";
import { createRenderer, resolveMode } from "./renderer.js";
import { createStopper } from "./stopper.js";

/**
 * `inkwire demo`: shows a book that was written once, in the pace in which it was written. It is said before and after that
 * it is a recording. Nothing is stored, asked or spent.
 *
 * @returns the exit code: 0 at its end, that of the signal where somebody has seen enough.
 */
export async function replayDemo(runtime: Runtime, flags: DemoFlags): Promise<number> {
  const mode = resolveMode(runtime, flags);
  const recording = await readRecording();
  tellWhatItIs(runtime, mode, recording);
  const renderer = await createRenderer(runtime, mode, flags);
  const leaving = new AbortController();
  using stopper = createStopper({ runtime, tidy: () => renderer.close() });
  stopper.onStop(() => leaving.abort());
  if (mode === "json") runtime.stdout.onBroken(() => stopper.request("broken_pipe"));
  try {
    const { title, bookId, author } = recording;
    renderer.start({ title, bookId, author });
    await play(recording, renderer, { ...flags, mode, signal: leaving.signal });
    const { reason } = stopper;
    if (reason === undefined) return await finish(runtime, mode, renderer, recording);
    return reason === "broken_pipe" ? exitCodes.done : signalExitCodes[reason];
  } finally {
    await renderer.close();
  }
}

interface Playing {
  readonly speed: number;
  readonly mode: ProgressMode;
  readonly signal: AbortSignal;
}

async function play(recording: Recording, renderer: ProgressRenderer, playing: Playing) {
  const { speed, mode, signal } = playing;
  const startedAt = performance.now();
  for (const event of recording.events) {
    const waitMs = event.at / speed - (performance.now() - startedAt);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    if ("book" in event) renderer.snapshot(event.book);
    // For programs every message is as it was, with its own time.
    else renderer.message(mode === "json" ? event.message : asOfNow(event, speed));
    await renderer.ready?.();
  }
}

/** What a message says about the time to come, told from now on and in the pace of the replay. */
function asOfNow({ message }: RecordedEvent & { readonly message: BookMessage }, speed: number) {
  if (message.type !== "book_generation_update") return message;
  const { retry_at, eta_seconds, eta_low_seconds, eta_high_seconds } = message.data;
  const scaled = (seconds: number | undefined) => seconds && seconds / speed;
  const waitMs = retry_at && (Date.parse(retry_at) - Date.parse(message.time)) / speed;
  return {
    ...message,
    data: {
      ...message.data,
      eta_seconds: scaled(eta_seconds),
      eta_low_seconds: scaled(eta_low_seconds),
      eta_high_seconds: scaled(eta_high_seconds),
      retry_at:
        typeof waitMs === "number" ? new Date(Date.now() + waitMs).toISOString() : undefined,
    },
  } as BookMessage;
}

function tellWhatItIs(runtime: Runtime, mode: ProgressMode, recording: Recording): void {
  const { about, recordedAt } = recording;
  if (mode === "json") {
    const data = { about, recorded_at: recordedAt };
    writeJsonLine(runtime.stdout, { type: "recording", data });
  } else if (mode !== "none") {
    const what = `Recording of ${recordedAt.slice(0, 10)}, replayed: nothing is being written now.`;
    const columns = Math.min(84, (runtime.stderr.stream.columns || 85) - 1);
    runtime.stderr.write(`${wrap(`${what} ${about}`, columns).join("\n")}\n\n`);
  }
}

async function finish(
  runtime: Runtime,
  mode: ProgressMode,
  renderer: ProgressRenderer,
  { events }: Recording,
): Promise<number> {
  const last = events.at(-1);
  if (last === undefined || !("book" in last)) throw new Error("the recording has no end");
  const elapsed = elapsedSeconds(runtime);
  const { book } = last;
  await renderer.finish({ book, files: [], resumeCommand: undefined, elapsedSeconds: elapsed });
  if (mode === "json") {
    const data = resultData(book, [], elapsed, exitCodes.done, undefined, undefined);
    writeJsonLine(runtime.stdout, { type: "result", data: { ...data, recording: true } });
  } else if (mode !== "none") {
    const create = commandLine(runtime.env, 'create "The Tides of Brittany"');
    runtime.stderr.write(`That was a recording. A book of your own: ${create}\n`);
  }
  return exitCodes.done;
}
