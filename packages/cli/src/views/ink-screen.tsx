import { render } from "ink";
import { BookScreen, type BookScreenProps } from "./BookScreen.js";

/** A screen that is drawn by Ink. */
export interface Screen {
  draw(content: BookScreenProps): void;
  /** Takes the live lines off, so that what is written next begins in their first row. */
  clear(): void;
  /** Resolves when all that was drawn has been given to the terminal. */
  flushed(): Promise<void>;
  /** Leaves the terminal as it was found: cursor shown, no listener. */
  close(): Promise<void>;
}

export interface InkScreenOptions {
  readonly stream: NodeJS.WriteStream;
  readonly screenReader: boolean;
  readonly patchConsole: boolean;
}

/** More often than the view draws, so that Ink never holds a frame back. */
const MAX_FPS = 20;

export function openInkScreen(content: BookScreenProps, options: InkScreenOptions): Screen {
  const { stream, screenReader, patchConsole } = options;
  const ink = render(<BookScreen {...content} />, {
    stdout: stream,
    // Whoever chose this view knows that it is a terminal; Ink would look at CI too.
    interactive: true,
    isScreenReaderEnabled: screenReader,
    maxFps: MAX_FPS,
    incrementalRendering: true,
    // Signals belong to the command.
    exitOnCtrlC: false,
    patchConsole,
  });
  return {
    draw: (next) => ink.rerender(<BookScreen {...next} />),
    clear: () => ink.clear(),
    flushed: () => ink.waitUntilRenderFlush(),
    async close() {
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}
