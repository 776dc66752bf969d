import { createParser } from "eventsource-parser";
import { WebSocket } from "ws";
import type { Cursor } from "../../src/protocol/index.js";

/** A message as it came over the wire. */
export interface Received {
  readonly id?: string;
  readonly type: string;
  readonly topic?: string;
  readonly time: string;
  // Each test knows what it published.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

/** A client of either transport, written against docs/protocol.md with foreign parsers. */
export interface WireClient extends AsyncDisposable {
  /** All that came, in order. */
  readonly received: readonly Received[];
  /** The first message of this type after those that were taken; rejects when the connection ends without one. */
  next(type: string): Promise<Received>;
  /** Resolves when the connection has ended; with the close code of a WebSocket. */
  readonly ended: Promise<number | undefined>;
  /** The cursor that it would come back with. */
  readonly cursor: Cursor | undefined;
  /** What `retry:` said last; SSE only. */
  readonly retryMs: number | undefined;
  /** WebSocket only. */
  send(command: unknown): void;
  /** Stops reading, or goes on: what is sent meanwhile waits in the network. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface ConnectOptions {
  readonly token?: string | undefined;
  /** In the address, as a native EventSource must. @default in the header */
  readonly tokenInUrl?: boolean;
  readonly cursor?: string | undefined;
  readonly cursorInUrl?: boolean;
  readonly topics?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
}

/** The server said no. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number | undefined;
  readonly close: number | undefined;
  readonly received: readonly Received[];

  constructor(
    code: string,
    status: number | undefined,
    close: number | undefined,
    received: readonly Received[] = [],
  ) {
    super(`refused: ${code}`);
    this.code = code;
    this.status = status;
    this.close = close;
    this.received = received;
  }
}

class Inbox {
  readonly received: Received[] = [];
  cursor: string | undefined;
  retryMs: number | undefined;
  #taken = 0;
  /** Resolves with the first message, or at the end. */
  readonly first: Promise<void>;
  #hasBegun = (): void => {};
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor() {
    this.first = new Promise((resolve) => (this.#hasBegun = resolve));
  }

  add(message: Received): void {
    this.received.push(message);
    if (message.id !== undefined) this.cursor = message.id;
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async next(type: string): Promise<Received> {
    for (;;) {
      const index = this.received.findIndex(
        (at, place) => place >= this.#taken && at.type === type,
      );
      const found = this.received[index];
      if (found !== undefined) {
        this.#taken = index + 1;
        return found;
      }
      if (this.#isOver) throw new Error(`The connection ended without another ${type}.`);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  #wake(): void {
    this.#hasBegun();
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function addressOf(base: string, options: ConnectOptions, cursorInUrl: boolean): string {
  const url = new URL(base);
  if (options.tokenInUrl === true && options.token !== undefined) {
    url.searchParams.set("token", options.token);
  }
  if (cursorInUrl && options.cursor !== undefined) {
    url.searchParams.set("last_event_id", options.cursor);
  }
  if (options.topics !== undefined) url.searchParams.set("topics", options.topics.join(","));
  return url.href;
}

function headersOf(options: ConnectOptions): Record<string, string> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.tokenInUrl !== true && options.token !== undefined) {
    headers["authorization"] = `Bearer ${options.token}`;
  }
  return headers;
}

/** @throws Refused */
export async function connectSse(base: string, options: ConnectOptions): Promise<WireClient> {
  const headers = headersOf(options);
  const cursorInUrl = options.cursorInUrl === true;
  if (!cursorInUrl && options.cursor !== undefined) headers["last-event-id"] = options.cursor;
  const abort = new AbortController();
  const response = await fetch(addressOf(base, options, cursorInUrl), {
    headers,
    signal: abort.signal,
  });
  if (response.status !== 200) {
    const { code } = (await response.json()) as { readonly code: string };
    throw new Refused(code, response.status, undefined);
  }
  const inbox = new Inbox();
  const parser = createParser({
    onEvent({ id, event, data }) {
      const message = JSON.parse(data) as Received;
      if (message.type !== event || message.id !== id) {
        inbox.end();
        throw new Error(`The fields say ${id} ${event}, the text ${message.id} ${message.type}`);
      }
      inbox.add(message);
    },
    onRetry: (ms) => (inbox.retryMs = ms),
    onError: (error) => {
      throw error;
    },
  });
  let gate = Promise.resolve();
  let open = () => {};
  const read = async (): Promise<undefined> => {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of response.body as ReadableStream<Uint8Array>) {
        parser.feed(decoder.decode(bytes, { stream: true }));
        await gate;
      }
    } catch {
      // Cut, or closed by ourselves.
    } finally {
      inbox.end();
    }
    return undefined;
  };
  const ended = read();
  await inbox.first;
  const close = () => {
    open();
    abort.abort();
  };
  return {
    received: inbox.received,
    next: (type) => inbox.next(type),
    ended,
    get cursor() {
      return inbox.cursor;
    },
    get retryMs() {
      return inbox.retryMs;
    },
    send: () => {
      throw new Error("SSE has no way back.");
    },
    pause: () => {
      gate = new Promise<void>((resolve) => (open = resolve));
    },
    resume: () => open(),
    close,
    async [Symbol.asyncDispose]() {
      close();
      await ended;
    },
  };
}

/** Resolves with the first message that is no goodbye of a refusal. @throws Refused */
export async function connectWebSocket(base: string, options: ConnectOptions): Promise<WireClient> {
  const socket = new WebSocket(
    addressOf(base, options, true),
    [...(options.protocols ?? ["inkwire.v1"])],
    { headers: headersOf(options), perMessageDeflate: false },
  );
  const inbox = new Inbox();
  socket.on("message", (data: Buffer) => inbox.add(JSON.parse(data.toString()) as Received));
  socket.on("error", () => {});
  let reason = "";
  const ended = new Promise<number>((resolve) =>
    socket.on("close", (code, text) => {
      reason = text.toString();
      inbox.end();
      resolve(code);
    }),
  );
  const close = () => socket.terminate();
  const client: WireClient = {
    received: inbox.received,
    next: (type) => inbox.next(type),
    ended,
    get cursor() {
      return inbox.cursor;
    },
    retryMs: undefined,
    send: (command) =>
      socket.send(
        typeof command === "string" || Buffer.isBuffer(command) ? command : JSON.stringify(command),
      ),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close,
    async [Symbol.asyncDispose]() {
      close();
      await ended;
    },
  };
  await new Promise<void>((resolve, reject) => {
    socket.once("message", () => {
      if (inbox.received[0]?.type === "wire.hello") resolve();
    });
    void ended.then((code) => reject(new Refused(reason, undefined, code, inbox.received)));
  });
  return client;
}
