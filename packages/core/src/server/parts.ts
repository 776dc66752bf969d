import type { Identity } from "../auth/identity.js";
import { createTopicPolicy, type TopicPolicy } from "../auth/topics.js";
import { createTokenVerifier, type TokenVerifier } from "../auth/verifier.js";
import type { Books } from "../books/service-types.js";
import { createBus } from "../bus/bus.js";
import type { Bus } from "../bus/types.js";
import {
  createBookNotifications,
  type BookNotifications,
} from "../notifications/book-notifications.js";
import { createNotifier, type Notifier } from "../notifications/notifier.js";
import {
  bookMessages,
  InkwireError,
  type BookMessage,
  type BookMessages,
  type Catalog,
} from "../protocol/index.js";
import type { RedisParts } from "../redis/open.js";
import { createMemoryHome, openHome } from "../storage/home.js";
import type { Home } from "../storage/types.js";
import { createJobCounts, type JobCounts } from "./job-counts.js";
import type { AuthOptions, InkwireOptions, ServerBooksOptions } from "./options.js";

export interface PartsOptions {
  readonly now: () => number;
  readonly uuid: () => string;
  readonly onProblem: (problem: unknown) => void;
  /** What lies in a Redis, and is used instead of what would be this process's own. */
  readonly shared: RedisParts | undefined;
}

/** What a server serves, without anything that serves it. */
export interface Parts<C extends Catalog> {
  readonly home: Home;
  readonly bus: Bus<BookMessages & C>;
  /** The same, as far as inkwire's own messages go. */
  readonly ownBus: Bus<BookMessages>;
  readonly verifier: Pick<TokenVerifier, "verify">;
  readonly canSubscribe: TopicPolicy;
  readonly notify: Notifier;
  readonly books: ServedBooks | undefined;
  /** `undefined` where this server is the only one. */
  readonly shared: RedisParts | undefined;
  close(): Promise<void>;
}

export interface ServedBooks {
  readonly books: Books;
  readonly jobs: JobCounts;
  /** Goes on with what no process lived to finish, and tells what none lived to tell. */
  recover(): Promise<void>;
  /** Resolves when all that was said about books is stored. */
  settled(): Promise<void>;
}

/** How often it is looked whether another process died, and left its books. */
const RECOVER_EVERY_MS = 5_000;

export async function openParts<C extends Catalog>(
  options: InkwireOptions<C>,
  parts: PartsOptions,
): Promise<Parts<C>> {
  const { now, uuid, onProblem, shared } = parts;
  const verifier = openVerifier(options.auth, now);
  const bus = openBus({ ...options, history: shared?.history ?? options.history }, now);
  // The catalog has inkwire's own messages beside C, which no type of TypeScript follows.
  const ownBus = bus as unknown as Bus<BookMessages>;
  const isOurs = shared === undefined && typeof options.home !== "object";
  const home = await openStorage(shared?.home ?? options.home);
  const notify = createNotifier({
    ...options.notifications,
    bus: ownBus,
    home,
    now,
    uuid,
    onProblem,
  });
  const books =
    options.books === undefined
      ? undefined
      : await openBooks(options.books, { home, bus: ownBus, notify }, parts);
  return {
    home,
    bus,
    ownBus,
    verifier,
    canSubscribe: createTopicPolicy({
      ownsBook: books === undefined ? undefined : (userId, id) => books.books.owns(userId, id),
      custom: options.canSubscribe,
    }),
    notify,
    books,
    shared,
    async close() {
      await books?.books.close({ graceMs: 0 });
      await books?.settled();
      await bus.close();
      if (isOurs) await home.close();
      await shared?.close();
    },
  };
}

function openVerifier(auth: AuthOptions, now: () => number): Pick<TokenVerifier, "verify"> {
  if (typeof auth !== "object" || auth === null) {
    throw new InkwireError(
      "invalid_option",
      "Expected auth with a secret, a publicKey, a jwksUrl or a verifier",
    );
  }
  return "verifier" in auth ? auth.verifier : createTokenVerifier({ now, ...auth });
}

function openBus<C extends Catalog>(
  { messages, history }: InkwireOptions<C>,
  now: () => number,
): Bus<BookMessages & C> {
  for (const [type, definition] of Object.entries(messages ?? {})) {
    if (!Object.hasOwn(bookMessages, type)) continue;
    if (definition === bookMessages[type as keyof BookMessages]) continue;
    throw new InkwireError(
      "invalid_option",
      `Expected messages of your own beside those of inkwire, and ${JSON.stringify(type)} is one of inkwire's`,
    );
  }
  return createBus({ messages: { ...bookMessages, ...(messages as C) }, history, now });
}

async function openStorage(home: Home | string | undefined): Promise<Home> {
  if (home === undefined) return createMemoryHome();
  return typeof home === "string" ? openHome(home) : home;
}

async function openBooks(
  { bookUrl, ...options }: ServerBooksOptions,
  { home, bus, notify }: { home: Home; bus: Bus<BookMessages>; notify: Notifier },
  { now, onProblem, shared }: PartsOptions,
): Promise<ServedBooks> {
  // Only who serves books loads what writes them.
  const { createBooks } = await import("../books/service.js");
  const jobs = createJobCounts();
  const endings = createBookNotifications({ bus, home, notifier: notify, bookUrl, now, onProblem });
  const books = createBooks({
    queue: shared?.queue,
    signals: shared?.signals,
    ...options,
    home,
    bus: { publish: countingPublish(endings, jobs) },
    notifications: false,
    onProblem,
  });
  return {
    books,
    jobs,
    async recover() {
      await books.recover({ everyMs: RECOVER_EVERY_MS });
      await endings.recover((userId, bookId) => books.get(userId, bookId));
    },
    settled: () => endings.settled(),
  };
}

function countingPublish(
  { bus }: BookNotifications,
  jobs: JobCounts,
): Pick<Bus<BookMessages>, "publish">["publish"] {
  return async (topic, type, data) => {
    const message = await bus.publish(topic, type, data);
    const { type: published, data: told } = message as BookMessage;
    if (published === "book_generation_update") jobs.take(told);
    return message;
  };
}

/** Who a verifier says it is, as long as the rate of this user allows. */
export function limitedVerifier(
  verifier: Pick<TokenVerifier, "verify">,
  take: (identity: Identity) => Promise<void>,
): Pick<TokenVerifier, "verify"> {
  return {
    async verify(token) {
      const identity = await verifier.verify(token);
      await take(identity);
      return identity;
    },
  };
}
