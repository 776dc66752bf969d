import { InkwireError, type Message } from "@inkwire/core/protocol";
import type { MessagesOptions } from "../types.js";
import { createEmitter } from "./emitter.js";

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

/** @param guard - calls a handler of the program; what it throws harms no other. */
export function createHandlers(guard: (call: () => void) => void): Handlers {
  const { on, emit } = createEmitter<Message>(guard);
  const ends = new Set<(error: InkwireError) => void>();

  /** Calls `finish` once: when the signal aborts, or when the client is closed. */
  function untilEnd(
    signal: AbortSignal | undefined,
    finish: (error: InkwireError) => void,
  ): () => void {
    const abort = (): void =>
      finish(new InkwireError("aborted", "The signal was aborted", { cause: signal?.reason }));
    ends.add(finish);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    return () => {
      ends.delete(finish);
      signal?.removeEventListener("abort", abort);
    };
  }

  return {
    on,
    deliver(message) {
      const byType = emit(message.type, message);
      return emit("*", message) || byType;
    },
    once: (type, signal) =>
      new Promise((resolve, reject) => {
        const offs: (() => void)[] = [];
        const finish = (): void => offs.forEach((off) => off());
        offs.push(
          on(type, (message) => {
            finish();
            resolve(message);
          }),
          untilEnd(signal, (error) => {
            finish();
            reject(error);
          }),
        );
        if (signal?.aborted === true) finish();
      }),
    messages({ types = ["*"], signal, maxBuffered = MAX_BUFFERED } = {}) {
      const buffer: Message[] = [];
      let ended: { readonly error?: InkwireError } | undefined;
      let wake = (): void => undefined;
      const offs: (() => void)[] = [];
      const finish = (error?: InkwireError): void => {
        ended ??= error === undefined ? {} : { error };
        offs.forEach((off) => off());
        wake();
      };
      // Both before the first `next`: it counts from now on.
      for (const type of new Set(types)) {
        offs.push(
          on(type, (message) => {
            if (buffer.length < maxBuffered) buffer.push(message);
            else
              finish(new InkwireError("slow_consumer", `${maxBuffered} messages wait to be read`));
            wake();
          }),
        );
      }
      offs.push(
        untilEnd(signal, () => {
          buffer.length = 0;
          finish();
        }),
      );
      if (signal?.aborted === true) finish();

      const iterator = (async function* read(): AsyncGenerator<Message, void> {
        for (;;) {
          const next = buffer.shift();
          if (next !== undefined) yield next;
          else if (ended?.error !== undefined) throw ended.error;
          else if (ended !== undefined) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      })();
      // A generator's own `return` waits for a `next` that is pending, for ever, and does not run before the first one.
      const end = iterator.return.bind(iterator);
      iterator.return = (value) => {
        finish();
        return end(value);
      };
      return iterator;
    },
    close() {
      for (const end of new Set(ends)) end(new InkwireError("closed", "The client was closed"));
    },
  };
}
