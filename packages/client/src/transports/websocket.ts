import { InkwireError, mayReconnect, type ErrorCode, type Topic } from "@inkwire/core/protocol";
import { trouble } from "../trouble.js";
import type { Transport } from "./types.js";

/** The close codes of the refusal table, where the reason does not name the code itself. */
export const closeCodes: Readonly<Record<number, ErrorCode>> = {
  4001: "draining",
  4002: "auth_unavailable",
  4005: "token_expired",
  4008: "slow_consumer",
  4012: "no_pong",
  4013: "rate_limited",
  4500: "bad_request",
  4501: "token_invalid",
  4503: "topic_forbidden",
  4504: "replaced",
};

/** `GET /ws`. The token goes as a second subprotocol: a browser can send no header there, and URLs are logged. */
export const websocket: Transport = {
  name: "websocket",
  open({ base, token, topics, cursor, maxMessageLength, WebSocket: Socket }, { alive, text, end }) {
    let isClosed = false;
    let socket: WebSocket | undefined;
    let subscribed = topics;
    const close = (): void => {
      isClosed = true;
      socket?.close();
    };
    const finish = (error: InkwireError): void => {
      if (isClosed) return;
      close();
      end(error);
    };
    const send = (type: string, data: unknown): void => {
      if (socket?.readyState === 1) socket.send(JSON.stringify({ type, data }));
    };
    const url = new URL("ws", base);
    url.protocol = url.protocol.replace("http", "ws");
    if (topics.length > 0) url.searchParams.set("topics", topics.join());
    if (cursor !== undefined) url.searchParams.set("last_event_id", cursor);
    try {
      if (Socket === undefined) throw new TypeError("There is no WebSocket here");
      socket = new Socket(url, ["inkwire.v1", `inkwire.token.${token}`]);
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isClosed) return;
        alive();
        if (typeof data === "string" && data.length <= maxMessageLength) text(data);
        else
          finish(trouble("too_large", `Expected text of at most ${maxMessageLength} characters`));
      };
      // An `error` is always followed by a `close`, and says nothing.
      socket.onclose = ({ code, reason }) => {
        const named = /^[a-z_]+$/.test(reason) ? (reason as ErrorCode) : closeCodes[code];
        finish(
          new InkwireError(named ?? "connection_lost", `The WebSocket was closed (${code})`, {
            retryable: mayReconnect(code),
          }),
        );
      };
    } catch (cause) {
      // Told later, as a close would be: the caller has no wire yet.
      queueMicrotask(() => finish(trouble("connection_lost", "No WebSocket can be opened", cause)));
    }
    return {
      close,
      refresh(fresh) {
        send("wire.token", { token: fresh });
        return undefined;
      },
      subscribe(wanted) {
        const difference = (from: readonly Topic[], to: readonly Topic[], type: string): void => {
          const rest = from.filter((topic) => !to.includes(topic));
          if (rest.length > 0) send(type, { topics: rest });
        };
        difference(wanted, subscribed, "wire.subscribe");
        difference(subscribed, wanted, "wire.unsubscribe");
        subscribed = wanted;
      },
    };
  },
};
