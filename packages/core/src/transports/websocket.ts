import type { Hooks, Peer } from "crossws";
import { readWebSocketToken } from "../auth/token-sources.js";
import { InkwireError, type Topic } from "../protocol/index.js";
import {
  admit,
  mustComeBack,
  refusalCodeOf,
  sortByRight,
  type Admission,
  type RequestLike,
} from "./admission.js";
import { Allowance } from "./allowance.js";
import { MAX_COMMAND_BYTES, parseCommand, type Command } from "./commands.js";
import type { Connection } from "./connection.js";
import { isoOf } from "./control-message.js";
import type { Doorman } from "./doorman.js";
import type { Frames } from "./frames.js";
import { closeCodeOf, goodbyeMessage, goodbyes } from "./goodbye.js";
import type { Hub } from "./hub.js";
import { isOriginAllowed } from "./origin.js";
import type { Gateway, WebSocketAdapterOptions } from "./types.js";
import type { RawSocket } from "./socket-wire.js";
import { NodeWebSocketWire, PeerWebSocketWire } from "./websocket-wire.js";

const SUBPROTOCOL = "inkwire.v1";
/** Where a peer's context holds what belongs to us. */
const CONTEXT_KEY = "inkwire";
/** Each part of a message, and each piece of one that waits for its end, is an object: a byte each would be megabytes of them. */
const MAX_FRAGMENTS = 64;
const MAX_WAITING_PIECES = 1_024;
/** Commands of one client that may wait for an answer of the topic policy or the verifier. */
const MAX_WAITING_COMMANDS = 16;

/**
 * `ws` refuses larger frames with 1009 before it has read them, those in between get our own 4500, and more parts 1008. Nothing is compressed:
 * a shared frame can't be, and a window per connection would cost more memory than all the rest of it.
 */
export const websocketOptions: WebSocketAdapterOptions = {
  idleTimeout: 0,
  serverOptions: {
    maxPayload: 4 * MAX_COMMAND_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_WAITING_PIECES,
    perMessageDeflate: false,
    clientTracking: false,
  },
};

/** From the upgrade to the end: who it will be or why not, then its connection. */
interface Session {
  readonly admission: Admission | undefined;
  /** Told after the upgrade: a browser can read a close code, and no answer to an upgrade. */
  readonly refusal: unknown;
  readonly socket: RawSocket | undefined;
  connection: Connection | undefined;
  allowance: Allowance | undefined;
  waiting: number;
  /** Commands are answered in the order in which they came. */
  tail: Promise<void> | undefined;
}

/** The hooks of `GET /ws`. */
export function websocketHooks(hub: Hub, doorman: Doorman, frames: Frames): Gateway["websocket"] {
  const { options } = hub;

  const open = (peer: Peer, session: Session): void => {
    const { admission, socket } = session;
    if (admission === undefined) return refuse(peer, session.refusal);
    try {
      doorman.makeRoom(admission.identity);
    } catch (error) {
      return refuse(peer, error, admission.identity.userId);
    }
    const wire =
      socket === undefined
        ? new PeerWebSocketWire(peer)
        : new NodeWebSocketWire(peer, socket, frames, () => session.connection);
    session.connection = doorman.letIn(wire, admission);
    session.connection.open(admission.topics, admission.after);
  };

  const refuse = (peer: Peer, error: unknown, userId?: string): void => {
    const code = refusalCodeOf(error);
    hub.totals.refused += 1;
    if (code === undefined) return peer.close(1011, "internal");
    options.onEvent({ kind: "refused", transport: "websocket", code, userId });
    if (mustComeBack(error)) {
      const message = goodbyeMessage(
        goodbyes.drain,
        Math.floor(error.retryAfterMs ?? 0),
        options.now(),
      );
      peer.send(JSON.stringify(message));
    }
    peer.close(closeCodeOf(code), code);
  };

  const receive = (session: Session, connection: Connection, frame: unknown): void => {
    const nowMs = options.now();
    connection.liveness.heard(nowMs);
    try {
      if (!isAllowed(session, nowMs) || session.waiting >= MAX_WAITING_COMMANDS) {
        throw new InkwireError("rate_limited", "Too many commands.", { retryable: true });
      }
      const command = parseCommand(frame, options.maxTopics);
      if (command.type === "wire.ping")
        return connection.control("wire.pong", { now: isoOf(nowMs) });
      session.waiting += 1;
      session.tail = (session.tail ?? Promise.resolve())
        .then(() => (connection.isOpen ? obey(connection, command) : undefined))
        .catch((error: unknown) => end(connection, error))
        .finally(() => {
          session.waiting -= 1;
          if (session.waiting === 0) session.tail = undefined;
        });
    } catch (error) {
      end(connection, error);
    }
  };

  const obey = async (
    connection: Connection,
    command: Exclude<Command, { readonly type: "wire.ping" }>,
  ): Promise<void> => {
    if (command.type === "wire.token") {
      return doorman.renew(connection, await options.verifier.verify(command.token));
    }
    const refused: Topic[] = [];
    if (command.type === "wire.unsubscribe") {
      const own = `user/${connection.userId}`;
      connection.removeTopics(command.topics.filter((topic) => topic !== "all" && topic !== own));
    } else {
      const sorted = await sortByRight(connection.identity, command.topics, options.canSubscribe);
      refused.push(...sorted.refused);
      for (const topic of sorted.allowed) {
        if (connection.topics.size < options.maxTopics || connection.topics.has(topic)) {
          connection.addTopics([topic]);
        } else refused.push(topic);
      }
    }
    connection.control("wire.topics", { topics: [...connection.topics], refused });
  };

  const end = (connection: Connection, error: unknown): void => {
    if (!connection.isOpen) return;
    // Another user's token: what is hidden elsewhere as "not found" is here simply not this connection's.
    const known = refusalCodeOf(error);
    const code = known === "not_found" ? "token_invalid" : known;
    if (code === undefined) {
      options.onEvent({ kind: "failed", connection: connection.info(), error });
      return connection.vanish("failed");
    }
    options.onEvent({ kind: "refused", transport: "websocket", code, userId: connection.userId });
    connection.refuse(code);
  };

  /** A ping is answered, and nobody needs many; an answer to ours is one in a heartbeat. */
  const heard = (peer: Peer): void => {
    const session = sessionOf(peer);
    const connection = session?.connection;
    if (session === undefined || connection?.isOpen !== true) return;
    const nowMs = options.now();
    connection.liveness.heard(nowMs);
    if (!isAllowed(session, nowMs)) {
      const code = "rate_limited";
      options.onEvent({ kind: "refused", transport: "websocket", code, userId: connection.userId });
      // Its own closing is not waited for: it would go on like this meanwhile.
      return connection.vanish("refused", code);
    }
    // Answers to pings pile up too, when a peer sends and never reads.
    if (connection.queuedBytes > 2 * options.maxOutboxBytes) connection.vanish("slow");
  };

  return {
    async upgrade(request) {
      const session: Session = {
        ...(await tryAdmit(request, hub, doorman)),
        socket: rawSocketOf(request),
        connection: undefined,
        allowance: undefined,
        waiting: 0,
        tail: undefined,
      };
      const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",");
      const speaksOurs = offered.some((name) => name.trim() === SUBPROTOCOL);
      return {
        ...(speaksOurs ? { protocol: SUBPROTOCOL } : {}),
        perMessageDeflate: false,
        context: { [CONTEXT_KEY]: session },
      };
    },
    open(peer) {
      const session = sessionOf(peer);
      if (session === undefined) peer.close(1011, "internal");
      else open(peer, session);
    },
    message(peer, message) {
      const session = sessionOf(peer);
      if (session?.connection?.isOpen !== true) return;
      receive(session, session.connection, frameOf(message));
    },
    ping: heard,
    pong: heard,
    drain: (peer) => sessionOf(peer)?.connection?.drained(),
    close: (peer) => sessionOf(peer)?.connection?.ended(),
    error: (peer) => sessionOf(peer)?.connection?.ended(),
  };
}

/** Why what the `upgrade` hook gave back will be closed as soon as it is open; `undefined` where it will not. */
export function refusalOf(upgraded: unknown): unknown {
  const { context } = (upgraded ?? {}) as { readonly context?: Readonly<Record<string, unknown>> };
  return (context?.[CONTEXT_KEY] as Session | undefined)?.refusal;
}

async function tryAdmit(
  request: RequestLike,
  { options }: Hub,
  doorman: Doorman,
): Promise<Pick<Session, "admission" | "refusal">> {
  try {
    doorman.checkOpen();
    if (!isOriginAllowed(request, options.allowedOrigins)) {
      throw new InkwireError("origin_forbidden", "Pages of this origin may not connect.");
    }
    const token = readWebSocketToken(request, { query: options.queryToken });
    return { admission: await admit(request, token, options), refusal: undefined };
  } catch (refusal) {
    return { admission: undefined, refusal };
  }
}

function isAllowed(session: Session, nowMs: number): boolean {
  session.allowance ??= new Allowance(nowMs);
  return session.allowance.take(nowMs);
}

function sessionOf(peer: Peer): Session | undefined {
  return peer.context[CONTEXT_KEY] as Session | undefined;
}

/** The text of a text frame; anything else stays what it is. */
function frameOf(message: Parameters<Hooks["message"]>[1]): unknown {
  return message.rawData;
}

/** Under Node, with srvx or with an adapter that was given the request, the socket that is upgraded. */
function rawSocketOf(request: object): RawSocket | undefined {
  const { runtime } = request as {
    readonly runtime?: { readonly node?: { readonly upgrade?: { readonly socket?: RawSocket } } };
  };
  return runtime?.node?.upgrade?.socket;
}
