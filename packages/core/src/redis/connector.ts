import { Socket, connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { AbstractConnector } from "ioredis";
import { isSame, type PrimaryFinder, type RedisPrimary, type ServerInfo } from "./finder.js";

/** How long a connection that is ended may take to be gone, in milliseconds. */
const DISCONNECT_MS = 2_000;

/** How long a new connection may take to bring its first byte, in milliseconds. */
const FIRST_BYTE_MS = 3_000;

/** A connection that lasted no longer than this led nowhere, in milliseconds: the next one waits for a while. */
const SHORT_MS = 1_000;

/** Between connections that lead nowhere, in milliseconds: the first wait, and the longest. */
const MIN_REST_MS = 50;
const MAX_REST_MS = 500;

export interface ConnectorsOptions {
  readonly finder: PrimaryFinder;
  readonly isTls: boolean;
  /** Told where the primary is, at first and each time that it is another one. */
  readonly onPrimary: (primary: RedisPrimary) => void;
}

/**
 * Gives what ioredis makes its connections with: each asks first where the primary is. A client and all its duplicates share one,
 * and where one of them arrives the others follow, since a server that is cut off or has left the cluster may keep their
 * connections, and be silent.
 */
export function connectorsTo(options: ConnectorsOptions): new () => AbstractConnector {
  const { finder, isTls, onPrimary } = options;
  const open = new Set<PrimaryConnector>();
  let current: RedisPrimary | undefined;

  class PrimaryConnector extends AbstractConnector {
    #primary: RedisPrimary | undefined;
    #openedAt = Number.NEGATIVE_INFINITY;
    #restMs = 0;
    #attempt = new AbortController();

    constructor() {
      super(DISCONNECT_MS);
    }

    /** Never rejects: ioredis would give up for good. A stream that is destroyed already is what it tries again after. */
    override async connect(): Promise<Socket> {
      delete this.firstError;
      const { signal } = (this.#attempt = new AbortController());
      const wasShort = performance.now() - this.#openedAt < SHORT_MS;
      this.#restMs = wasShort ? Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, this.#restMs * 2)) : 0;
      try {
        if (this.#restMs > 0) await sleep(this.#restMs, undefined, { signal });
        this.#primary = await orAborted(finder.find(), signal);
        signal.throwIfAborted();
        return (this.stream = this.#open(this.#primary));
      } catch (error) {
        if (error instanceof Error && !signal.aborted) this.firstError = error;
        return (this.stream = new Socket().destroy());
      }
    }

    override check(info: ServerInfo): boolean {
      if (!finder.accepts(info)) return false;
      const primary = this.#primary;
      if (primary === undefined || (current !== undefined && isSame(current)(primary))) return true;
      current = primary;
      onPrimary(primary);
      for (const other of open) other.#follow(primary);
      return true;
    }

    override disconnect(): void {
      this.#attempt.abort();
      // There is none before the first attempt, whatever its type says.
      const stream = this.stream as Socket | undefined;
      if (stream !== undefined && !stream.destroyed) super.disconnect();
    }

    #open({ host, port }: RedisPrimary): Socket {
      const socket = isTls ? connectTls({ host, port }) : connectTcp({ host, port });
      open.add(this);
      // A machine that stands still takes connections, and says nothing.
      const silence = setTimeout(() => {
        if (socket.bytesRead === 0) socket.destroy(new Error("The Redis connected to is silent."));
      }, FIRST_BYTE_MS);
      return socket
        .once("connect", () => (this.#openedAt = performance.now()))
        .once("error", (error) => (this.firstError = error))
        .once("close", () => {
          clearTimeout(silence);
          if (this.stream === socket) open.delete(this);
        });
    }

    #follow(primary: RedisPrimary): void {
      if (this.#primary !== undefined && !isSame(this.#primary)(primary)) this.stream.destroy();
    }
  }
  return PrimaryConnector;
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
