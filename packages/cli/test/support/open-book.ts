import { createTtyRenderer, type TtyRenderer } from "../../src/views/book-view.js";
import type { Key } from "../../src/output/keys.js";
import { createTestClock, type TestClock } from "./clock.js";
import { createTestTerminal, type TestTerminal } from "./terminal.js";

export interface OpenBookOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly color?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly title?: string;
  readonly author?: string;
  /** Whether somebody can press keys. @default false */
  readonly keys?: boolean;
}

export interface OpenBook extends AsyncDisposable {
  readonly renderer: TtyRenderer;
  readonly terminal: TestTerminal;
  readonly clock: TestClock;
  /** Lets `ms` pass, and waits until what is then to be seen is on the screen. @default 100 */
  readonly frame: (ms?: number) => Promise<void>;
  readonly press: (...keys: Key[]) => void;
  /** Whether the view has given the keys back. */
  readonly keysReleased: boolean;
}

/** A live view of book 7 on a terminal of its own, closed at the end of the test. */
export function openBook(options: OpenBookOptions = {}): OpenBook {
  const { columns = 80, rows = 24, color = true, env = {} } = options;
  const {
    title = "The Tides of Brittany",
    author = "openai:gpt-5, chosen because OPENAI_API_KEY is set",
  } = options;
  const terminal = createTestTerminal(columns, rows);
  const clock = createTestClock();
  let listener: ((key: Key) => void) | undefined;
  const renderer = createTtyRenderer({
    stream: terminal.stream,
    color,
    env,
    clock,
    patchConsole: false,
    keys: options.keys
      ? {
          listen(listen) {
            listener = listen;
            return () => (listener = undefined);
          },
        }
      : undefined,
  });
  renderer.start({ title, bookId: 7, author });
  return {
    renderer,
    terminal,
    clock,
    frame: async (ms = 100) => {
      await renderer.drawn();
      clock.advance(ms);
      await renderer.drawn();
      await terminal.settled();
    },
    press(...keys) {
      for (const key of keys) listener?.(key);
    },
    get keysReleased() {
      return listener === undefined;
    },
    async [Symbol.asyncDispose]() {
      await renderer.close();
    },
  };
}
