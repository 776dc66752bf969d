import { InkwireError } from "@inkwire/core/protocol";
import { refused } from "./refused.js";
import type { Transport } from "./types.js";

/** `GET /ws`. The token goes as a second subprotocol, since a browser can send no header there, and a URL is logged. */
export const websocket: Transport = {
  name: "websocket",
  open({ base, token, topics, cursor, maxMessageLength, WebSocket: Socket }, { alive, text, end }) {
    let closed = false;
    let socket: WebSocket | undefined;
    const finish = (error: InkwireError): void => {
      if (closed) return;
      close();
      end(error);
    };
    const close = (): void => {
      closed = true;
      socket?.close();
    };
    const url = new URL("ws", base);
    url.protocol = url.protocol.replace("http", "ws");
    if (topics.length > 0) url.searchParams.set("topics", topics.join());
    if (cursor !== undefined) url.searchParams.set("last_event_id", cursor);
    try {
      if (Socket === undefined) throw new TypeError("There is no WebSocket here");
      socket = new Socket(url, ["inkwire.v1", `inkwire.token.${token}`]);
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (closed) return;
        alive();
        if (typeof data !== "string" || data.length > maxMessageLength) {
          finish(
            new InkwireError(
              "too_large",
              `Expected text of at most ${maxMessageLength} characters`,
              { retryable: true },
            ),
          );
        } else text(data);
      };
      // An `error` is always followed by `close`, and says nothing.
      socket.onclose = ({ code, reason }) => {
        finish(
          refused("close", code, reason) ??
            new InkwireError("connection_lost", `The WebSocket closed (${code})`, {
              retryable: code < 4500 || code > 4999,
            }),
        );
      };
    } catch (cause) {
      // Told later, as a close would be: the caller has no wire yet.
      queueMicrotask(() =>
        finish(
          new InkwireError("connection_lost", "The WebSocket can't be opened", {
            retryable: true,
            cause,
          }),
        ),
      );
    }
    return {
      close,
      send(type, data) {
        if (socket?.readyState === 1) socket.send(JSON.stringify({ type, data }));
      },
    };
  },
};
