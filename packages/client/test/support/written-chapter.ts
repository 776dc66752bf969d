import type { ChapterText, Message } from "@inkwire/core/protocol";
import type { StoreClient } from "../../src/stores/replica.js";
import { createStore } from "../../src/store.js";
import type { ConnectionState, Gap } from "../../src/types.js";

/** A server that writes one chapter, and a wire that is as slow, or as leaky, as a test says. */
export interface WrittenChapter {
  readonly client: StoreClient;
  /** What the server has. */
  readonly text: () => string;
  /** The author writes on; the state has it before it is told. */
  write(text: string): void;
  /** Another attempt: the chapter begins again at `offset`. */
  restart(offset: number): void;
  finish(): void;
  /** The next message arrives. `false` when there is none. */
  deliver(): boolean;
  /** All that is on its way is lost, and the client is told so. */
  lose(): boolean;
  /** What is asked for is answered: by what the state is now. */
  read(): boolean;
  /** An answer arrives. */
  answer(): boolean;
}

export function createWrittenChapter(): WrittenChapter {
  let text = "";
  let at = 0;
  let done = false;
  let seq = 0;
  const wire: Message[] = [];
  const asked: ((response: Response) => void)[] = [];
  const answers: (() => void)[] = [];
  const handlers: ((message: Message) => void)[] = [];
  const gaps: ((gap: Gap) => void)[] = [];

  function publish(data: Omit<ChapterText, "book_id" | "chapter">): void {
    seq += 1;
    wire.push({
      id: `e.${seq}`,
      type: "chapter_text",
      topic: "book/7",
      time: "2026-01-01T00:00:00.000Z",
      data: { book_id: 7, chapter: 2, ...data },
    });
  }

  const client = {
    userId: "1",
    state: createStore<ConnectionState>({ status: "live", since: 0, failures: 0 }),
    on: (type: string, handler: (message: Message) => void) => {
      if (type === "chapter_text") handlers.push(handler);
      return () => undefined;
    },
    onGap: (handler: (gap: Gap) => void) => {
      gaps.push(handler);
      return () => undefined;
    },
    onJoin: () => () => undefined,
    subscribe: () => () => undefined,
    request: () => new Promise<Response>((resolve) => asked.push(resolve)),
  } as unknown as StoreClient;

  return {
    client,
    text: () => text,
    write(more) {
      if (done) return;
      text = text.slice(0, at) + more;
      at = text.length;
      publish({ offset: at - more.length, text: more, done: false });
    },
    restart(offset) {
      if (done) return;
      at = Math.min(offset, text.length);
    },
    finish() {
      if (done) return;
      done = true;
      text = text.slice(0, at);
      publish({ offset: at, text: "", done: true });
    },
    deliver() {
      const message = wire.shift();
      if (message !== undefined) for (const handler of handlers) handler(message);
      return message !== undefined;
    },
    lose() {
      if (wire.length === 0) return false;
      wire.length = 0;
      for (const gap of gaps) gap({ kind: "gap", topics: ["book/7"] });
      return true;
    },
    read() {
      const resolve = asked.shift();
      if (resolve === undefined) return false;
      const body = { title: "Two", text, offset: 0, done, cursor: `e.${seq}` };
      answers.push(() => resolve(Response.json(body)));
      return true;
    },
    answer() {
      const next = answers.shift();
      next?.();
      return next !== undefined;
    },
  };
}
