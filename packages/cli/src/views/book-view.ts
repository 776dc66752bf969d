import { systemClock, type Clock } from "../output/clock.js";
import {
  applyMessage,
  applySnapshot,
  createBookProgress,
  type BookProgress,
} from "../output/progress-model.js";
import type { Key, Keys } from "../output/keys.js";
import type { ProgressRenderer } from "../output/renderer.js";
import { chooseChapter } from "../output/shown-chapter.js";
import { createDrawnNarration } from "./drawn-narration.js";
import { createToldLines } from "./told-lines.js";
import { openLiveScreen, terminalSize, type LiveScreen } from "./live-screen.js";
import { createSpokenNarration } from "./spoken-narration.js";
import { createTerminalLook } from "./terminal-look.js";

export interface TtyRendererOptions {
  /** The terminal; stderr, so that stdout stays free for results. */
  readonly stream: NodeJS.WriteStream;
  /** As `wantsColor` has it for that stream. */
  readonly color: boolean;
  /** For the locale, `TERM` and `INK_SCREEN_READER`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What chooses the chapter whose text is shown. @default none */
  readonly keys?: Keys | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Puts what other code prints with `console` above the view, instead of across it. @default true */
  readonly patchConsole?: boolean | undefined;
}

/** A renderer that can be waited for. */
export interface TtyRenderer extends ProgressRenderer {
  /** Resolves when everything told so far is on the screen. */
  drawn(): Promise<void>;
}

/**
 * The live view of one book: what is finished scrolls up, and at most ten lines at the bottom show what goes on.
 *
 * `start` writes the first lines itself; what draws the others is loaded meanwhile. Messages only change the model, which
 * a clock draws: their number costs no frames.
 */
export function createTtyRenderer(options: TtyRendererOptions): TtyRenderer {
  const { stream, color, env, clock = systemClock, patchConsole = true } = options;
  const screenReader = env["INK_SCREEN_READER"] === "true";
  // Who listens is told of every chapter as it ends, and of no text.
  const keys = screenReader ? undefined : options.keys;
  const look = createTerminalLook({ color: color && !screenReader, env });
  const narration = screenReader ? createSpokenNarration(look) : createDrawnNarration(look);
  const told = createToldLines(narration);
  let progress: BookProgress | undefined;
  let screen: LiveScreen | undefined;
  let ending: Promise<void> | undefined;
  let releaseKeys = (): void => {};
  // Until the first one is pressed.
  let tellKeys = keys !== undefined;

  const nowMs = (): number => clock.now().getTime();
  const size = () => terminalSize(stream);
  const writeLines = (lines: readonly string[]): void => {
    stream.write(`${lines.join("\n")}\n`);
  };

  return {
    start(start) {
      progress = createBookProgress(start, nowMs());
      writeLines(narration.header(start, size()));
      screen = openLiveScreen({
        stream,
        clock,
        screenReader,
        reflows: look.reflows,
        patchConsole,
        told: () => told.lines(),
        live: (given) =>
          progress === undefined ? [] : narration.live(progress, given, nowMs(), tellKeys),
        isAnimated: () => progress !== undefined && narration.isAnimated(progress),
      });
      releaseKeys = keys?.listen(press) ?? releaseKeys;
    },
    snapshot(book) {
      if (progress === undefined) return;
      progress = applySnapshot(progress, book, nowMs());
      told.follow(progress, size());
      screen?.changed();
    },
    message(message) {
      if (progress === undefined) return;
      if (message.type === "notification" || message.type === "system_notification") {
        // What happens to a book is told by its updates.
        if (message.data.kind === "book") return;
        told.notice(`${message.data.title}: ${message.data.message}`, size());
      } else {
        const next = applyMessage(progress, message, nowMs());
        if (next === progress) return;
        progress = next;
        if (message.type === "chapter_text" && message.data.done) told.follow(progress, size());
      }
      screen?.changed();
    },
    notice(text) {
      told.notice(text, size());
      screen?.changed();
    },
    finish(end) {
      releaseKeys();
      ending ??= (async () => {
        if (progress !== undefined) {
          progress = applySnapshot(progress, end.book, nowMs());
          told.complete(progress, size());
        }
        await screen?.close();
        writeLines(narration.summary(end, size()));
      })();
      return ending;
    },
    close() {
      releaseKeys();
      ending ??= screen?.close() ?? Promise.resolve();
      return ending;
    },
    async drawn() {
      await screen?.drawn();
    },
  };

  function press(key: Key): void {
    if (progress === undefined) return;
    progress = chooseChapter(progress, key);
    tellKeys = false;
    screen?.changed();
  }
}
