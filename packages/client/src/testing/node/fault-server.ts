import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  encodeSse,
  parseCursor,
  type ControlData,
  type ControlType,
  type Message,
  type Topic,
} from "@inkwire/core/protocol";
import type { TransportName } from "../../types.js";
import { createFaultyPipe, type Faults } from "./faults.js";
import { createRandom } from "./random.js";
import { acceptWebSocket, encodeCloseFrame, encodeTextFrame, readFrames } from "./web-socket.js";

/** An answer instead of a connection. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FaultServerOptions {
  /** Repeats the faults of a run. @default 1 */
  readonly seed?: number;
  readonly faults?: Faults;
  /** @default 15_000 */
  readonly heartbeatMs?: number;
  /** How many messages can be replayed; older ones are a gap. @default all */
  readonly maxHistory?: number;
  /** Asked before each connection; what it gives back is answered instead. @default lets everybody in */
  readonly refuse?: (request: SeenRequest) => Answer | undefined;
}

/** A request as the fault server got it. */
export interface SeenRequest {
  readonly transport: TransportName | "http";
  readonly path: string;
  readonly token: string;
  readonly cursor: string | undefined;
  readonly topics: readonly Topic[];
}

/** A server for tests: it speaks the protocol on a real socket, and lets go wrong what you say. Node alone. */
export interface FaultServer extends AsyncDisposable {
  readonly url: string;
  /** May be changed at any time. */
  faults: Faults;
  refuse: FaultServerOptions["refuse"];
  /** Treats each connection as a first one, as if something on the way had taken the cursor. @default false */
  forgetCursors: boolean;
  /** Whatever was asked of it, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** How many connections are open. */
  readonly connections: number;
  publish(topic: Topic, type: string, data: unknown): Message;
  /** Sends a message of the protocol to all connections. */
  control<T extends ControlType>(type: T, data: ControlData[T]): void;
  /** Sends any text to all connections, as an event on SSE and as a frame on WebSocket. */
  raw(text: string): void;
  /** Ends all connections without a word; on WebSocket with `code`, if one is given. */
  cut(code?: number, reason?: string): void;
  /** Forgets the history, as a restart without storage does: another epoch. */
  forget(): void;
  /** Resolves when everything that was published has gone through the faults. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Peer {
  readonly topics: Set<string>;
  readonly send: (json: string, type: string, id?: string) => void;
  readonly flush: () => Promise<void>;
  readonly release: () => void;
  readonly end: (code?: number, reason?: string) => void;
}

export async function createFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const random = createRandom(options.seed ?? 1);
  const { maxHistory = Number.POSITIVE_INFINITY, heartbeatMs = 15_000 } = options;
  const peers = new Set<Peer>();
  const requests: SeenRequest[] = [];
  let history: Message[] = [];
  let evicted: Message[] = [];
  let epoch = "e1";
  let seq = 0;
  let connectionNumber = 0;

  const head = (): string => `${epoch}.${seq}`;
  const controlJson = (type: string, data: unknown): string =>
    JSON.stringify({ id: head(), type, time: new Date().toISOString(), data });

  function see(request: IncomingMessage, transport: SeenRequest["transport"]): SeenRequest {
    const url = new URL(request.url ?? "/", "http://localhost");
    const bearer = request.headers.authorization?.replace("Bearer ", "");
    const offered = /inkwire\.token\.([^,\s]+)/.exec(
      request.headers["sec-websocket-protocol"] ?? "",
    );
    const header = request.headers["last-event-id"];
    const seen: SeenRequest = {
      transport,
      path: url.pathname,
      token: bearer ?? offered?.[1] ?? "",
      cursor:
        (Array.isArray(header) ? header[0] : header) ??
        url.searchParams.get("last_event_id") ??
        undefined,
      topics: (url.searchParams.get("topics") ?? "")
        .split(",")
        .filter((topic) => topic !== "") as Topic[],
    };
    requests.push(seen);
    return seen;
  }

  function greet(peer: Peer, { cursor, token }: SeenRequest, extra: readonly Topic[]): void {
    if (api.forgetCursors) cursor = undefined;
    for (const topic of ["all", `user/${subjectOf(token)}`, ...extra]) peer.topics.add(topic);
    const place = parseCursor(cursor);
    const isOwn = (message: Message): boolean => peer.topics.has(message.topic);
    const isAfter = (message: Message): boolean =>
      (parseCursor(message.id)?.seq ?? 0) > (place?.seq ?? 0);
    const isReset = cursor !== undefined && (place?.epoch !== epoch || place.seq > seq);
    const gaps = [...new Set(evicted.filter((m) => isOwn(m) && isAfter(m)).map((m) => m.topic))];
    const owed =
      place === undefined || isReset ? [] : history.filter((m) => isOwn(m) && isAfter(m));
    connectionNumber += 1;
    const hello: ControlData["wire.hello"] = {
      connection_id: `c${connectionNumber}`,
      resume:
        cursor === undefined ? "fresh" : isReset ? "reset" : gaps.length > 0 ? "gap" : "recovered",
      gaps: isReset || cursor === undefined ? [] : gaps,
      replayed: owed.length,
      heartbeat_ms: heartbeatMs,
      now: new Date().toISOString(),
    };
    peers.add(peer);
    peer.send(controlJson("wire.hello", hello), "wire.hello", head());
    for (const message of owed) peer.send(JSON.stringify(message), message.type, message.id);
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const isStream =
      request.method === "GET" && (request.url ?? "").split("?")[0]?.endsWith("/events") === true;
    const seen = see(request, isStream ? "sse" : "http");
    const answer = api.refuse?.(seen) ?? (isStream ? undefined : { status: 204 });
    if (answer !== undefined) {
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.flushHeaders();
    const pipe = createFaultyPipe(
      { write: (bytes) => response.write(bytes), destroy: () => response.socket?.destroy() },
      () => api.faults,
      random,
    );
    const peer: Peer = {
      topics: new Set(),
      send: (json, type, id) =>
        pipe.write(
          Buffer.from(encodeSse({ event: type, data: json, ...(id === undefined ? {} : { id }) })),
        ),
      flush: pipe.flush,
      release: pipe.release,
      end: () => response.socket?.destroy(),
    };
    response.on("close", () => peers.delete(peer));
    greet(peer, seen, seen.topics);
  }

  function upgrade(request: IncomingMessage, socket: Duplex): void {
    const seen = see(request, "websocket");
    socket.on("error", () => socket.destroy());
    const answer = api.refuse?.(seen);
    if (answer !== undefined && (answer.status < 4000 || answer.status > 4999)) {
      socket.end(
        `HTTP/1.1 ${answer.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    acceptWebSocket(request, socket, "inkwire.v1");
    if (answer !== undefined) {
      socket.resume();
      socket.end(encodeCloseFrame(answer.status, answer.body ?? ""));
      return;
    }
    const pipe = createFaultyPipe(
      { write: (bytes) => socket.write(bytes), destroy: () => socket.destroy() },
      () => api.faults,
      random,
    );
    const peer: Peer = {
      topics: new Set(),
      send: (json) => pipe.write(encodeTextFrame(json)),
      flush: pipe.flush,
      release: pipe.release,
      end: (code, reason = "") =>
        code === undefined ? socket.destroy() : socket.end(encodeCloseFrame(code, reason)),
    };
    readFrames(
      socket,
      (text) => {
        const { type, data } = JSON.parse(text) as {
          type: string;
          data: { topics?: readonly string[]; token?: string };
        };
        if (type === "wire.subscribe")
          for (const topic of data.topics ?? []) peer.topics.add(topic);
        if (type === "wire.unsubscribe")
          for (const topic of data.topics ?? []) peer.topics.delete(topic);
        if (type === "wire.token")
          requests.push({ ...seen, path: "wire.token", token: data.token ?? "" });
        if (type.endsWith("subscribe")) {
          const topics = [...peer.topics] as Topic[];
          peer.send(controlJson("wire.topics", { topics, refused: [] }), "wire.topics", undefined);
        }
      },
      () => socket.end(encodeCloseFrame(1000, "")),
    );
    socket.on("close", () => peers.delete(peer));
    greet(peer, seen, seen.topics);
  }

  const server = createServer(serve);
  server.on("upgrade", upgrade);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const beat = setInterval(
    () => api.control("wire.heartbeat", { now: new Date().toISOString() }),
    heartbeatMs,
  );

  const api: FaultServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: options.faults ?? {},
    refuse: options.refuse,
    forgetCursors: false,
    requests,
    get connections() {
      return peers.size;
    },
    publish(topic, type, data) {
      seq += 1;
      const message: Message = { id: head(), type, topic, time: new Date().toISOString(), data };
      history.push(message);
      if (history.length > maxHistory)
        evicted = [...evicted, ...history.splice(0, 1)].slice(-10_000);
      const json = JSON.stringify(message);
      for (const peer of peers) if (peer.topics.has(topic)) peer.send(json, type, message.id);
      return message;
    },
    control(type, data) {
      for (const peer of peers) peer.send(controlJson(type, data), type, head());
    },
    raw(text) {
      for (const peer of peers) peer.send(text, "message");
    },
    cut(code, reason) {
      for (const peer of peers) {
        peer.release();
        peer.end(code, reason);
      }
    },
    forget() {
      epoch = `e${Number(epoch.slice(1)) + 1}`;
      history = [];
      evicted = [];
      seq = 0;
    },
    async flush() {
      await Promise.all([...peers].map((peer) => peer.flush()));
    },
    async close() {
      clearInterval(beat);
      for (const peer of peers) peer.end();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
    async [Symbol.asyncDispose]() {
      await api.close();
    },
  };
  return api;
}

/** Whose token it is; nothing is verified here. */
function subjectOf(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      sub?: unknown;
    };
    return String(claims.sub);
  } catch {
    return "nobody";
  }
}
