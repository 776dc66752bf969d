import type { Clock } from "../output/clock.js";
import type { Screen } from "./ink-screen.js";
import type { DrawnLine, TerminalSize } from "./narration.js";
import { eraseWrappedFrame } from "./reflow.js";

export interface LiveScreenOptions {
  readonly stream: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly screenReader: boolean;
  /** Whether the terminal wraps lines that were drawn when it was wider. */
  readonly reflows: boolean;
  readonly patchConsole: boolean;
  /** The lines that stay, all of them; they only grow. */
  readonly told: () => readonly string[];
  readonly live: (size: TerminalSize) => readonly DrawnLine[];
  /** Whether `live` changes by itself within a second. */
  readonly isAnimated: () => boolean;
}

/** Draws the lines that stay and the live ones whenever they have changed, however often that is. */
export interface LiveScreen {
  /** Something is to be drawn with the next frame. */
  changed(): void;
  /** Resolves when everything so far is on the screen. */
  drawn(): Promise<void>;
  /** Takes the live lines off and leaves the others; the cursor is where the next line begins. */
  close(): Promise<void>;
}

/** Fifteen frames a second: smooth for text, and cheap. */
const FRAME_MS = 66;
/** Without a further change of its size for so long, a window is no longer being dragged. */
const SETTLE_MS = 300;

export function terminalSize({ columns, rows }: NodeJS.WriteStream): TerminalSize {
  return { columns: columns || 80, rows: rows || 24 };
}

/** Opens at once and draws as soon as Ink is loaded, which takes longer than people should wait for a first line. */
export function openLiveScreen(options: LiveScreenOptions): LiveScreen {
  const { stream, clock, screenReader, patchConsole } = options;
  let screen: Screen | undefined;
  let frame: readonly DrawnLine[] = [];
  let drawnTold: readonly string[] = [];
  let dirty = false;
  let drawnSecond = -1;
  let drawnColumns = terminalSize(stream).columns;
  let resizedMs: number | undefined;
  let closing: Promise<void> | undefined;

  stream.on("resize", resized);
  const stopClock = clock.every(FRAME_MS, tick);
  // Without its drawing a book is still written, and the end is still told.
  const loading = load().catch(() => {});

  return {
    changed() {
      dirty = true;
    },
    async drawn() {
      await loading;
      if (dirty) draw();
      await screen?.flushed();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function load(): Promise<void> {
    const { openInkScreen } = await import("./ink-screen.js");
    if (closing !== undefined) return;
    frame = options.live(terminalSize(stream));
    screen = openInkScreen(content(), { stream, screenReader, patchConsole });
  }

  function nowMs(): number {
    return clock.now().getTime();
  }

  function content(): { told: readonly string[]; live: readonly string[] } {
    drawnTold = options.told();
    return { told: drawnTold, live: frame.map((line) => line.text) };
  }

  function tick(): void {
    if (resizedMs !== undefined && nowMs() - resizedMs >= SETTLE_MS) {
      resizedMs = undefined;
      dirty = true;
    }
    if (dirty || Math.floor(nowMs() / 1000) !== drawnSecond || options.isAnimated()) draw();
  }

  function draw(anyway = false): void {
    if (screen === undefined) return;
    const { columns, rows } = terminalSize(stream);
    // While a window is dragged narrower, each step would wrap lines that fill it, and what a wrapped line pushes off the
    // screen can't be erased: until it rests, half the width must do.
    const next = options.live({
      columns: resizedMs === undefined ? columns : Math.ceil(columns / 2),
      rows,
    });
    const same =
      drawnTold === options.told() &&
      next.length === frame.length &&
      next.every((line, index) => line.text === frame[index]?.text);
    frame = next;
    if (anyway || !same) screen.draw(content());
    dirty = false;
    drawnSecond = Math.floor(nowMs() / 1000);
    drawnColumns = columns;
  }

  /** Runs before Ink's own listener, which then draws what is drawn here. */
  function resized(): void {
    if (screen === undefined || screenReader) return;
    const { columns } = terminalSize(stream);
    if (columns < drawnColumns && options.reflows) {
      stream.write(eraseWrappedFrame(frame, columns));
      resizedMs = nowMs();
    }
    screen.clear();
    draw(true);
  }

  async function close(): Promise<void> {
    stopClock();
    stream.off("resize", resized);
    await loading;
    if (screen === undefined) {
      if (options.told().length > 0) stream.write(`${options.told().join("\n")}\n`);
      return;
    }
    frame = [];
    screen.draw(content());
    await screen.flushed();
    screen.clear();
    await screen.close();
    screen = undefined;
  }
}
