import type { Client } from "@inkwire/client";
import type { BookMessage } from "@inkwire/core/protocol";
import type { SessionBus } from "../session.js";

/** A server's messages in the shape of a bus. Topics that were asked for once stay, as long as the client. */
export function createRemoteBus(client: Client): SessionBus {
  const read = () => {
    const closing = new AbortController();
    return { closing, messages: client.messages({ signal: closing.signal }) };
  };
  /** Begun by `head`, for the subscription that comes after it. */
  let ahead: ReturnType<typeof read> | undefined;
  return {
    head() {
      ahead ??= read();
      return client.cursor ?? "";
    },
    subscribe(topics, { onGap }) {
      const { closing, messages } = ahead ?? read();
      ahead = undefined;
      // The user's own is there from the beginning, whoever that is.
      const others = topics.filter((topic) => topic !== "all" && !topic.startsWith("user/"));
      client.subscribe(others);
      const stopGaps = client.onGap(onGap);
      return {
        close() {
          closing.abort();
          stopGaps();
        },
        async *[Symbol.asyncIterator](): AsyncIterator<BookMessage> {
          for await (const message of messages) {
            const { topic } = message;
            if (topic.startsWith("user/") || topics.includes(topic)) yield message;
          }
        },
      };
    },
  };
}
