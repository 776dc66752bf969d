import { createClient, type Client } from "@inkwire/client";
import { InkwireError } from "@inkwire/core/protocol";
import { commandLine } from "../../output/command-line.js";
import { resumeLine } from "../../output/resume-line.js";
import type { Runtime } from "../../runtime.js";
import type { DeliveryRecord } from "../delivery-record.js";
import type { Session } from "../session.js";
import type { Warnings } from "../warnings.js";
import { createApi } from "./api.js";
import { createRemoteBooks } from "./remote-books.js";
import { createRemoteBus } from "./remote-bus.js";
import { addressOf, type ServerFlags } from "./server-address.js";

/** A server that says nothing for so long is as good as away, in milliseconds. */
const CONNECT_MS = 10_000;

/** A session with the books of a server instead of those of this machine. */
export async function openRemoteSession(
  runtime: Runtime,
  flags: ServerFlags,
  url: URL,
  warnings: Warnings,
): Promise<Session> {
  const client = await openClient(runtime, flags, url, (problem) => warnings.tell(problem));
  // They are for this run alone: numbers of books are another server's tomorrow.
  const deliveries = new Map<number, DeliveryRecord>();
  const server = ` --server ${url.href.replace(/\/$/, "")}`;
  return {
    bus: createRemoteBus(client),
    books: createRemoteBooks(client, createApi(client)),
    deliveries: {
      get: async (bookId) => deliveries.get(bookId),
      set: async (bookId, record) => void deliveries.set(bookId, record),
      remove: async (bookId) => void deliveries.delete(bookId),
    },
    owner: "local",
    isRemote: true,
    connect: () => connected(client, url),
    goOn: (book) => {
      const { id, stopped, status } = book;
      const goesOn = !stopped && (status === "queued" || status === "processing");
      const words = goesOn
        ? commandLine(runtime.env, `watch ${id}`)
        : resumeLine(runtime.env, book);
      return `${words}${server}`;
    },
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

/** A client of that server, not connected yet. @throws InkwireError `token_missing` */
export async function openClient(
  runtime: Runtime,
  flags: ServerFlags,
  url: URL,
  onProblem: (problem: unknown) => void,
): Promise<Client> {
  const address = await addressOf(runtime, flags, url);
  return createClient({ ...address, tabs: false, onProblem });
}

/**
 * Resolves once the messages of the server arrive.
 *
 * @throws InkwireError `server_unreachable`, or why the server refuses.
 */
export async function connected(client: Client, url: URL): Promise<void> {
  client.connect();
  const settled = Promise.withResolvers<void>();
  const look = (): void => {
    const { status, error } = client.state.get();
    if (status === "live") settled.resolve();
    else if (status === "unauthorized" || status === "closed") {
      settled.reject(error ?? new InkwireError("token_invalid", "The server refuses the token"));
    }
  };
  const stop = client.state.subscribe(look);
  const timer = setTimeout(() => {
    const { error } = client.state.get();
    settled.reject(
      new InkwireError("server_unreachable", `Nothing answers at ${url.origin}`, {
        cause: error,
        hint: "is `inkwire serve` running there?",
      }),
    );
  }, CONNECT_MS);
  try {
    look();
    await settled.promise;
  } finally {
    clearTimeout(timer);
    stop();
  }
}
