import { randomUUID } from "node:crypto";
import type { Books } from "../books/service-types.js";
import { readToken } from "../auth/token-sources.js";
import type { Bus } from "../bus/types.js";
import type { Notifier } from "../notifications/notifier.js";
import type { BookMessages, Catalog, MessageInput } from "../protocol/index.js";
import { userTopic } from "../protocol/index.js";
import { createGateway } from "../transports/gateway.js";
import type { Connections, Gateway } from "../transports/types.js";
import { addressKey, clientAddress } from "./client-address.js";
import { createCors } from "./cors.js";
import { createFrontDoor } from "./front-door.js";
import { greetWhoConnects } from "./greetings.js";
import { createH3App, type H3, type NodeListener } from "./h3-app.js";
import { createIdempotency } from "./idempotency.js";
import { errorFields, guardLogger, silentLogger } from "./logger.js";
import { logConnections } from "./connection-log.js";
import type { Metrics } from "./metrics.js";
import { listenOnNode, type Listening, type ListenOptions } from "./node-server.js";
import {
  resolveBasePath,
  resolveLimits,
  type InkwireOptions,
  type NoMessages,
  type ServerBooksOptions,
} from "./options.js";
import { limitedVerifier, openParts } from "./parts.js";
import { createRateLimiter, resolveRates, takeFrom } from "./rate-limits.js";
import { openRoutes } from "./routes.js";
import { createNodeUpgrade, type NodeUpgrade } from "./upgrade.js";
import { packageVersion } from "./version.js";

/** A server that is open: its parts, the ways to mount it, and its end. */
export interface Inkwire<C extends Catalog = NoMessages> extends AsyncDisposable {
  /** Answers a request of the web: for Hono, Bun, Deno, h3, tests. A WebSocket is not among them. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The same as an h3 app, to mount in another one. */
  readonly app: H3;
  /** The same for Node's `createServer` and for Express. */
  readonly listener: NodeListener;
  /** For Node's `upgrade` event. Says `false` of what is not for `/ws`, and leaves it alone. */
  readonly upgrade: NodeUpgrade;
  /** For other adapters of crossws. */
  readonly websocket: Gateway["websocket"];
  /** Opens a server of its own. @throws InkwireError `invalid_option` for a port that can't be had. */
  listen(options?: ListenOptions): Promise<Listening>;
  readonly bus: Bus<BookMessages & C>;
  readonly notify: Notifier;
  /** `undefined` without the option. */
  readonly books: Books | undefined;
  readonly connections: Connections;
  readonly isDraining: boolean;
  /**
   * Before the end: `/ready` says 503, new connections are refused, each open one is told when to come back, and running
   * jobs reach a checkpoint. Resolves when nobody is connected and nothing runs any more. A second call gives the same
   * promise.
   */
  drain(): Promise<void>;
  /** Ends everything at once; what was written is kept. Can be called twice. */
  close(): Promise<void>;
}

/**
 * Opens an inkwire server: a bus, an inbox, connections over SSE and WebSocket, the HTTP API, and books if you like. What a
 * process before left unfinished goes on.
 *
 * ```ts
 * const inkwire = await createInkwire({ auth: { secret }, home: "./data", books: { authors: createAuthors({ env }) } });
 * const { url } = await inkwire.listen({ port: 4555 });
 * ```
 *
 * @throws InkwireError `invalid_option`, and what opening a home throws.
 */
export async function createInkwire<const C extends Catalog = NoMessages>(
  options: InkwireOptions<C> & { readonly books: ServerBooksOptions },
): Promise<Inkwire<C> & { readonly books: Books }>;
export async function createInkwire<const C extends Catalog = NoMessages>(
  options: InkwireOptions<C>,
): Promise<Inkwire<C>>;
export async function createInkwire<const C extends Catalog = NoMessages>(
  options: InkwireOptions<C>,
): Promise<Inkwire<C>> {
  const { now = Date.now, uuid = randomUUID } = options;
  const limits = resolveLimits(options);
  const basePath = resolveBasePath(options.basePath);
  const cors = createCors(options.cors);
  const rates = options.rateLimits === null ? null : resolveRates(options.rateLimits);
  const limiter = options.limiter ?? createRateLimiter(now);
  const logger = options.logger === undefined ? silentLogger : guardLogger(options.logger);
  const onProblem = (problem: unknown): void =>
    logger.warn(errorFields(problem), "something went wrong beside the work");

  const parts = await openParts(options, { now, uuid, onProblem });
  const { bus, ownBus, verifier, notify, books } = parts;
  const queryToken = options.connections?.queryToken ?? true;
  const version = packageVersion();
  let metrics: Metrics | undefined;

  const gateway = createGateway({
    ...options.connections,
    queryToken,
    bus,
    verifier: limitedVerifier(verifier, async ({ userId }) => {
      if (rates !== null) await takeFrom(limiter, rates.perUser, "connect", `user:${userId}`);
    }),
    canSubscribe: parts.canSubscribe,
    allowedOrigins: options.cors?.origins,
    onEvent(event) {
      metrics?.onGatewayEvent(event);
      logConnections(logger, event);
    },
    now,
  });
  const stopGreeting = greetWhoConnects({
    connections: gateway.connections,
    notify,
    welcome: options.welcome === undefined && books === undefined ? null : options.welcome,
    onProblem,
  });
  if (options.metrics !== null) {
    const { createPrometheusMetrics } = await import("./prometheus.js");
    metrics = createPrometheusMetrics({
      gateway: () => gateway.stats(),
      history: () => bus.stats().history,
      published: () => bus.stats().published,
      jobs: books?.jobs,
      version,
    });
  }

  let draining: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const isDraining = () => draining !== undefined || closing !== undefined;
  const identify = (request: Request) => verifier.verify(readToken(request, { query: false }));

  const frontDoor = createFrontDoor({
    ...limits,
    identify,
    cors,
    limiter,
    rates,
    logger,
    isDraining,
    onAnswer: (answered) => metrics?.onAnswer(answered),
    now,
    uuid,
  });
  const routes = openRoutes({
    version,
    basePath,
    startedAt: now(),
    now,
    uuid,
    gateway,
    bus: ownBus,
    notify,
    books: books && {
      service: books.books,
      jobs: books.jobs,
      idempotency: createIdempotency({ home: parts.home, now, onProblem }),
    },
    metrics,
    metricsFor: options.metrics ?? "loopback",
    isDraining,
    identify,
    async publish(userId, type, data) {
      // The catalog checks the type and its data.
      const message = await ownBus.publish(
        userTopic(userId),
        type as "notification",
        data as MessageInput<BookMessages, "notification">,
      );
      return message.id;
    },
  });
  const { app, listener } = createH3App({
    routes,
    frontDoor,
    basePath,
    websocket: gateway.websocket,
    address: options.address,
  });
  const upgrade = createNodeUpgrade({
    websocket: gateway.websocket,
    websocketOptions: gateway.websocketOptions,
    basePath,
    async admit({ socket, headers }) {
      if (rates === null) return;
      const own = { get: (name: string) => [headers[name]].flat().join(",") };
      const address = clientAddress(socket.remoteAddress, own, limits);
      await takeFrom(limiter, rates.perAddress, "connect", `address:${addressKey(address)}`);
    },
    uuid,
  });
  const listening = new Set<Listening>();

  // What is left of a process before is told to its owners, and a server that can't do that still serves.
  await books?.recover().catch(onProblem);

  const inkwire: Inkwire<C> = {
    fetch: async (request) => app.fetch(request),
    app,
    listener,
    upgrade,
    websocket: gateway.websocket,
    async listen(where = {}) {
      const opened = await listenOnNode({ ...where, listener, upgrade, uuid });
      listening.add(opened);
      logger.info({ url: `${opened.url}${basePath}`, version }, "listening");
      return opened;
    },
    bus,
    notify,
    books: books?.books,
    connections: gateway.connections,
    get isDraining() {
      return isDraining();
    },
    drain() {
      draining ??= (async () => {
        logger.info({ connections: gateway.connections.counts.total }, "draining");
        await Promise.all([gateway.drain(), books?.books.close({ graceMs: limits.jobGraceMs })]);
        await books?.settled();
        logger.info({}, "drained");
      })();
      return draining;
    },
    close() {
      closing ??= (async () => {
        stopGreeting();
        await gateway.close();
        await Promise.all([...listening].map((opened) => opened.close(CLOSE_GRACE_MS)));
        await parts.close();
        metrics?.close();
        logger.info({}, "closed");
      })();
      return closing;
    },
    [Symbol.asyncDispose]: () => inkwire.close(),
  };
  return inkwire;
}

/** How long answers that are under way have when everything ends, in milliseconds. */
const CLOSE_GRACE_MS = 1_000;
