import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import nodeAdapter from "crossws/adapters/node";
import {
  createBus,
  createGateway,
  createMemoryHistory,
  createTokenIssuer,
  createTokenVerifier,
  createTopicPolicy,
  type Bus,
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
  type MemoryHistoryOptions,
  type TokenRequest,
} from "../../src/index.js";
import {
  append,
  defineMessage,
  defineMessages,
  durable,
  ephemeral,
  isInkwireError,
  isRefusalCode,
  latest,
  refusals,
} from "../../src/protocol/index.js";
import { number, object, text } from "../../src/protocol/shapes.js";
import { createSweepClock, type SweepClock } from "./sweep-clock.js";
import {
  connectSse,
  connectWebSocket,
  type ConnectOptions,
  type WireClient,
} from "./wire-client.js";

/** One type of each delivery class. */
export const testMessages = defineMessages({
  note: defineMessage(object({ n: number(), text: text({ max: 300_000 }) }), durable()),
  place: defineMessage(
    object({ key: text(), n: number() }),
    latest((data) => data.key),
  ),
  words: defineMessage(
    object({ offset: number(), text: text() }),
    append(
      () => "",
      (older, newer) =>
        newer.offset === older.offset + older.text.length
          ? { offset: older.offset, text: older.text + newer.text }
          : undefined,
    ),
  ),
  blink: defineMessage(object({ n: number() }), ephemeral()),
});

export type TransportKind = "sse-node" | "sse-web" | "websocket";

export interface GatewayServer extends AsyncDisposable {
  readonly bus: Bus<typeof testMessages>;
  readonly gateway: Gateway;
  readonly clock: SweepClock;
  readonly events: readonly GatewayEvent[];
  readonly port: number;
  /** `http://…/events` or `ws://…/ws`. */
  readonly address: string;
  token(userId: string, more?: Partial<TokenRequest>): Promise<string>;
  /** Connects a user, with a token of its own unless one is given. @throws Refused */
  connect(userId: string, options?: ConnectOptions): Promise<WireClient>;
  note(
    topic: Parameters<Bus<typeof testMessages>["publish"]>[0],
    n: number,
    text?: string,
  ): Promise<unknown>;
}

export interface GatewayServerOptions extends Partial<GatewayOptions> {
  readonly history?: MemoryHistoryOptions;
  /** @default the clock of the tests, which stands still */
  readonly realClock?: boolean;
}

const SECRET = "a secret of the tests that is long enough";

/** A real server on a port of its own, as small as can be: what a server has to do for a gateway. */
export async function startGatewayServer(
  kind: TransportKind,
  { history, realClock, ...options }: GatewayServerOptions = {},
): Promise<GatewayServer> {
  const clock = createSweepClock();
  const now = realClock === true ? Date.now : clock.now;
  const bus = createBus({ messages: testMessages, history: createMemoryHistory(history), now });
  const issuer = createTokenIssuer({ secret: SECRET, now });
  const events: GatewayEvent[] = [];
  const gateway = createGateway({
    bus,
    verifier: createTokenVerifier({ secret: SECRET, now }),
    canSubscribe: createTopicPolicy({ ownsBook: (userId, bookId) => userId === `${bookId}` }),
    now,
    // The system acknowledges by a clock of its own.
    ...(realClock === true ? {} : { every: clock.every, tcpTable: null }),
    onEvent: (event) => events.push(event),
    ...options,
  });
  const server = createServer((req, res) => void answer(gateway, kind, req, res));
  const adapter = nodeAdapter({ hooks: gateway.websocket, ...gateway.websocketOptions });
  server.on("upgrade", (req, socket, head) => {
    // Node has let go of it, and a peer that goes while its token is checked would be an error of nobody's.
    socket.on("error", () => {});
    const request = Object.assign(requestOf(req), {
      runtime: { node: { req, upgrade: { socket, head } } },
    });
    void adapter.handleUpgrade(req, socket, head, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const address =
    kind === "websocket" ? `ws://127.0.0.1:${port}/ws` : `http://127.0.0.1:${port}/events`;
  const token = async (userId: string, more: Partial<TokenRequest> = {}) =>
    issuer.issue({ userId, ttlMs: 3_600_000, ...more });
  return {
    bus,
    gateway,
    clock,
    events,
    port,
    address,
    token,
    async connect(userId, more = {}) {
      const given = { ...more, token: more.token ?? (await token(userId)) };
      return kind === "websocket" ? connectWebSocket(address, given) : connectSse(address, given);
    },
    note: (topic, n, text = "") => bus.publish(topic, "note", { n, text }),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      server.closeAllConnections();
      server.close();
      await bus.close();
    },
  };
}

async function answer(
  gateway: Gateway,
  kind: TransportKind,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  res.on("close", () => gone.abort());
  try {
    const request = requestOf(req, gone.signal);
    const response = await gateway.events(request, kind === "sse-node" ? { req, res } : undefined);
    if (response !== undefined) await pipe(response, res);
  } catch (error) {
    if (res.headersSent || res.destroyed) return;
    const code = isInkwireError(error) ? error.code : "internal";
    const row = isRefusalCode(code) ? refusals[code] : refusals.bad_request;
    res.writeHead("status" in row ? row.status : 500, {
      "content-type": "application/problem+json",
    });
    res.end(JSON.stringify({ code, detail: error instanceof Error ? error.message : "" }));
  }
}

function requestOf(req: IncomingMessage, signal?: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, [value].flat().join(", "));
  }
  return new Request(`http://${req.headers.host}${req.url}`, {
    headers,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What a server of another runtime does: reads the stream as fast as its peer takes it. */
async function pipe(response: Response, res: ServerResponse): Promise<void> {
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.flushHeaders();
  const reader = response.body?.getReader();
  let wake = (): void => {};
  res.on("drain", () => wake());
  res.on("close", () => {
    wake();
    void reader?.cancel().catch(() => {});
  });
  for (;;) {
    const part = await reader?.read().catch(() => undefined);
    if (part === undefined || part.done || res.destroyed) break;
    if (!res.write(part.value)) await new Promise<void>((resolve) => (wake = resolve));
  }
  res.end();
}
