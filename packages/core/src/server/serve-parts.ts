import type { IncomingMessage } from "node:http";
import { readToken } from "../auth/token-sources.js";
import {
  userTopic,
  type BookMessages,
  type Catalog,
  type MessageInput,
} from "../protocol/index.js";
import { joinPeers } from "../transports/join-peers.js";
import { createGateway } from "../transports/gateway.js";
import { createAddressLimits } from "./address-limits.js";
import { clientAddress } from "./client-address.js";
import { logConnections } from "./connection-log.js";
import { createFrontDoor } from "./front-door.js";
import { greetWhoConnects } from "./greetings.js";
import { createH3App } from "./h3-app.js";
import { createIdempotency } from "./idempotency.js";
import type { Inkwire } from "./inkwire.js";
import { logProblem } from "./logger.js";
import type { Metrics, RedisSources } from "./metrics.js";
import { listenOnNode, type Listening } from "./node-server.js";
import type { InkwireOptions, ResolvedOptions } from "./options.js";
import { limitedVerifier, type Parts } from "./parts.js";
import { takeFrom } from "./rate-limits.js";
import { createOwnRevocations, revocableVerifier } from "./revocable.js";
import { openRoutes } from "./routes.js";
import { createNodeUpgrade } from "./upgrade.js";
import { packageVersion } from "./version.js";

/** Puts a gateway, the routes and the front door around parts that are open. */
export async function serveParts<C extends Catalog>(
  options: InkwireOptions<C>,
  resolved: ResolvedOptions,
  parts: Parts<C>,
): Promise<Inkwire<C>> {
  const { limits, basePath, cors, checkAuthor, rates, logger, now, uuid } = resolved;
  const onProblem = (problem: unknown): void => logProblem(logger, problem);
  const { bus, ownBus, notify, books, shared } = parts;
  const peers = shared?.peers;
  const limiter = options.limiter ?? shared?.limiter ?? resolved.limiter;
  const addresses = createAddressLimits({ limiter, rates, now });
  const own = createOwnRevocations(now);
  const verifier = revocableVerifier(parts.verifier, (tokenId) =>
    peers === undefined ? own.isRevoked(tokenId) : peers.isRevoked(tokenId),
  );
  const version = packageVersion();
  let metrics: Metrics | undefined;

  const gateway = createGateway({
    ...options.connections,
    bus,
    verifier: limitedVerifier(verifier, async ({ userId }) => {
      if (rates !== null) await takeFrom(limiter, rates.perUser, "connect", `user:${userId}`);
    }),
    canSubscribe: parts.canSubscribe,
    allowedOrigins: options.cors?.origins,
    peers,
    // By it any node knows which one a connection is at.
    ...(peers !== undefined && { uuid: () => `${peers.nodeId}.${crypto.randomUUID()}` }),
    onEvent(event) {
      metrics?.onGatewayEvent(event);
      if (event.kind === "refreshed") peers?.tell(event.connection, true);
      logConnections(logger, event);
    },
    now,
  });
  const connections =
    peers === undefined ? own.guard(gateway.connections) : await joinPeers(gateway, peers);
  const stopGreeting = greetWhoConnects({
    connections,
    notify,
    welcome: options.welcome === undefined && books === undefined ? null : options.welcome,
    onProblem,
  });
  const redisSources: RedisSources | undefined = peers && {
    health: () => peers.health(),
    nodes: () => peers.nodes(),
  };
  if (options.metrics !== null) {
    const { createPrometheusMetrics } = await import("./prometheus.js");
    metrics = createPrometheusMetrics({
      gateway: () => gateway.stats(),
      history: () => bus.stats().history,
      published: () => bus.stats().published,
      jobs: books?.jobs,
      redis: redisSources,
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
    addresses,
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
      checkAuthor,
    },
    metrics,
    redis: redisSources,
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
  const addressOf = ({ socket, headers }: IncomingMessage): string => {
    const own = { get: (name: string) => [headers[name]].flat().join(",") };
    return clientAddress(socket.remoteAddress, own, limits);
  };
  const upgrade = createNodeUpgrade({
    websocket: gateway.websocket,
    websocketOptions: gateway.websocketOptions,
    basePath,
    admit: (req) => addresses.enter(addressOf(req), "connect"),
    onRefused: (req, error) => addresses.note(addressOf(req), error),
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
    connections,
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
