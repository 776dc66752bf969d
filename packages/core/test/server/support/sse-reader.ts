import { createParser } from "eventsource-parser";

export interface WireMessage {
  readonly id?: string;
  readonly type: string;
  readonly data: Record<string, never>;
}

/** A client of `GET /events` that keeps what it is told. */
export interface SseReader extends AsyncDisposable {
  readonly messages: WireMessage[];
  readonly isOpen: boolean;
  /** The cursor so far. */
  readonly lastEventId: string;
  /** The first message of a type, if need be once it comes. */
  first(type: string): Promise<WireMessage>;
  /** Resolves when the server has closed. */
  readonly ended: Promise<void>;
}

export async function openSse(
  url: string,
  headers: Record<string, string> = {},
): Promise<SseReader> {
  const controller = new AbortController();
  const response = await fetch(url, { headers, signal: controller.signal });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const messages: WireMessage[] = [];
  const waiting = new Set<() => void>();
  let lastEventId = "";
  let isOpen = true;
  const parser = createParser({
    onEvent({ data, id }) {
      if (id !== undefined) lastEventId = id;
      messages.push(JSON.parse(data) as WireMessage);
      for (const wake of waiting) wake();
    },
  });
  const ended = (async () => {
    try {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? [])
        parser.feed(decoder.decode(chunk, { stream: true }));
    } catch {
      // Closed by us, or cut.
    }
    isOpen = false;
    for (const wake of waiting) wake();
  })();
  return {
    messages,
    get isOpen() {
      return isOpen;
    },
    get lastEventId() {
      return lastEventId;
    },
    async first(type) {
      for (;;) {
        const found = messages.find((message) => message.type === type);
        if (found !== undefined) return found;
        if (!isOpen) throw new Error(`The stream ended without ${type}`);
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    ended,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await ended;
    },
  };
}
