import { createBus } from "../../../src/bus/bus.js";
import type { Bus } from "../../../src/bus/types.js";
import { createNotifier, type Notifier } from "../../../src/notifications/notifier.js";
import type { NotifierOptions } from "../../../src/notifications/options.js";
import {
  bookMessages,
  type BookMessage,
  type BookMessages,
  type Topic,
} from "../../../src/protocol/index.js";
import type { Home } from "../../../src/storage/types.js";
import { openTestHome } from "../../support/test-home.js";
import { tempDirectory } from "../../support/temp-directory.js";

export const START = Date.UTC(2026, 0, 1);
export const DAY = 86_400_000;

export interface NotifierRoom extends AsyncDisposable {
  readonly directory: string;
  readonly home: Home;
  readonly bus: Bus<BookMessages>;
  readonly notifier: Notifier;
  readonly problems: unknown[];
  readonly now: () => number;
  pass(ms: number): void;
  /** What was published on these topics from now on, in order. */
  listen(...topics: Topic[]): BookMessage[];
  /** The same home and bus as another process would have them. */
  again(options?: Partial<NotifierOptions>): Promise<Notifier>;
}

/** A notifier on a real bus and a real home in a temporary folder, with a clock that stands still. */
export async function openNotifierRoom(
  options: Partial<NotifierOptions> = {},
): Promise<NotifierRoom> {
  const directory = tempDirectory();
  const home = await openTestHome(directory.path);
  const bus = createBus({ messages: bookMessages });
  const problems: unknown[] = [];
  let time = START;
  const now = () => time;
  const onProblem = (problem: unknown) => void problems.push(problem);
  const homes = [home];
  return {
    directory: directory.path,
    home,
    bus,
    notifier: createNotifier({ bus, home, now, onProblem, ...options }),
    problems,
    now,
    pass: (ms) => void (time += ms),
    listen(...topics) {
      const messages: BookMessage[] = [];
      bus.attach(topics, (envelope) => void messages.push(envelope.message as BookMessage));
      return messages;
    },
    async again(more) {
      const other = await openTestHome(directory.path);
      homes.push(other);
      return createNotifier({ bus, home: other, now, onProblem, ...options, ...more });
    },
    async [Symbol.asyncDispose]() {
      await bus.close();
      for (const opened of homes) await opened.close();
      directory[Symbol.dispose]();
    },
  };
}

/** What the inbox holds, newest first, as one word each. */
export async function titles(notifier: Notifier, userId: string): Promise<string[]> {
  const { notifications } = await notifier.inbox.list(userId, { limit: 100 });
  return notifications.map(({ title }) => title);
}
