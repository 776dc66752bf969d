import { InkwireError, type Message } from "@inkwire/core/protocol";
import { createListeners, type Listeners } from "../listeners.js";
import type { MessagesOptions } from "../types.js";

export interface Handlers {
  readonly on: (type: string, handler: (message: Message) => void) => () => void;
  /** @returns whether anybody wanted it */
  readonly deliver: (message: Message) => boolean;
  readonly once: (type: string, signal?: AbortSignal) => Promise<Message>;
  readonly messages: (options?: MessagesOptions) => AsyncIterableIterator<Message>;
  /** Ends every iterator and every waiting `once`. */
  readonly close: () => void;
}

const MAX_BUFFERED = 10_000;

/** @param onThrow - told what a handler of the program throws; it harms no other. */
export function createHandlers(onThrow: (thrown: unknown) => void): Handlers {
  const byType = new Map<string, Listeners<Message>>();
  const ends = new Set<(error: InkwireError) => void>();

  const on: Handlers["on"] = (type, handler) => {
    const listeners = byType.get(type) ?? createListeners(onThrow);
    byType.set(type, listeners);
    return listeners.on(handler);
  };

  /** Hears until it is stopped, or until the signal aborts or the client closes, which `onEnd` is told. */
  function hear(
    types: Iterable<string>,
    signal: AbortSignal | undefined,
    onMessage: (message: Message) => void,
    onEnd: (error: InkwireError) => void,
  ): () => void {
    const offs = Array.from(types, (type) => on(type, onMessage));
    const stop = (): void => {
      for (const off of offs) off();
      ends.delete(end);
      signal?.removeEventListener("abort", abort);
    };
    const end = (error: InkwireError): void => {
      stop();
      onEnd(error);
    };
    const abort = (): void =>
      end(new InkwireError("aborted", "The signal was aborted", { cause: signal?.reason }));
    ends.add(end);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    return stop;
  }

  return {
    on,
    deliver(message) {
      const isWanted = byType.get(message.type)?.emit(message) === true;
      return byType.get("*")?.emit(message) === true || isWanted;
    },
    once: (type, signal) =>
      new Promise((resolve, reject) => {
        const onMessage = (message: Message): void => {
          stop();
          resolve(message);
        };
        const stop = hear([type], signal, onMessage, reject);
      }),
    messages({ types = ["*"], signal, maxBuffered = MAX_BUFFERED } = {}) {
      const buffer: Message[] = [];
      let isOver = false;
      let error: InkwireError | undefined;
      let wake = (): void => undefined;
      const finish = (): void => {
        isOver = true;
        wake();
      };
      // Before the first `next`: it counts from now on.
      const stop = hear(
        new Set(types),
        signal,
        (message) => {
          if (buffer.length < maxBuffered) buffer.push(message);
          else {
            error = new InkwireError("slow_consumer", `${maxBuffered} messages wait to be read`);
            stop();
            finish();
          }
          wake();
        },
        () => {
          buffer.length = 0;
          finish();
        },
      );

      const iterator = (async function* read(): AsyncGenerator<Message, void> {
        for (;;) {
          const next = buffer.shift();
          if (next !== undefined) yield next;
          else if (error !== undefined) throw error;
          else if (isOver) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      })();
      // A generator's own `return` waits for a `next` that is pending, for ever, and does not run before the first one.
      const end = iterator.return.bind(iterator);
      iterator.return = (value) => {
        stop();
        finish();
        return end(value);
      };
      return iterator;
    },
    close() {
      for (const end of ends) end(new InkwireError("closed", "The client was closed"));
    },
  };
}
