import { hasMissed } from "../bus/missed.js";
import type { Topic } from "../protocol/index.js";
import { backlogLimits } from "./backlog.js";
import type { Connection } from "./connection.js";
import { Doorman, notFound } from "./doorman.js";
import { drain } from "./drain.js";
import { eventsHandler } from "./events.js";
import { Flusher } from "./flush.js";
import { Frames } from "./frames.js";
import { newTotals, type Hub } from "./hub.js";
import { resolveGatewayOptions, type GatewayOptions } from "./options.js";
import type { LocalNode } from "./peers.js";
import { Registry } from "./registry.js";
import { RevokedLately } from "./revoked-lately.js";
import { Runs } from "./runs.js";
import { roundMs, sweep } from "./sweep.js";
import type { Connections, Gateway, GatewayStats } from "./types.js";
import { watchForVanished } from "./vanished.js";
import { websocketHooks, websocketOptions } from "./websocket.js";

/**
 * Serves a bus over SSE and WebSocket.
 *
 * ```ts
 * const gateway = createGateway({ bus, verifier: createTokenVerifier({ secret }) });
 * createServer((req, res) => gateway.events(new Request(`http://${req.headers.host}${req.url}`, …), { req, res }));
 * ```
 *
 * @throws InkwireError `invalid_option`
 */
export function createGateway(given: GatewayOptions): Gateway {
  const options = resolveGatewayOptions(given);
  const frames = {
    chunk: new Frames("sse_chunk"),
    plain: new Frames("sse"),
    websocket: new Frames("websocket"),
  };
  const runs = new Runs();
  const forget = () => {
    runs.clear();
    frames.chunk.clear();
    frames.plain.clear();
    frames.websocket.clear();
  };
  const hub: Hub = {
    options,
    startedAt: options.now(),
    flusher: new Flusher(options.now),
    backlogLimits: backlogLimits(runs, options.maxOutboxBytes),
    registry: new Registry(),
    totals: newTotals(),
    revokedLately: new RevokedLately(),
    leaving: new Set(),
  };
  const stopSweep = options.every(roundMs(options.heartbeatMs), () => {
    sweep(hub);
    forget();
  });
  const stopWatch = watchForVanished(hub);
  options.bus.onBreak?.((topics) => resumeAll(hub, topics));
  let draining: Promise<void> | undefined;
  let isClosed = false;
  const doorman = new Doorman(hub, () =>
    draining === undefined ? undefined : options.random() * options.drainMs,
  );

  return {
    connections: connectionsOf(hub),
    events: eventsHandler(hub, doorman, frames),
    websocket: websocketHooks(hub, doorman, frames.websocket),
    websocketOptions,
    async refresh(connectionId, token) {
      const identity = await options.verifier.verify(token);
      const connection = hub.registry.get(connectionId);
      if (connection !== undefined) await doorman.renew(connection, identity);
      else if (options.peers !== undefined) await options.peers.renew(connectionId, identity);
      else throw notFound();
      return { expiresAt: identity.expiresAt };
    },
    local: localOf(hub, doorman),
    get isDraining() {
      return draining !== undefined;
    },
    drain() {
      draining ??= drain(hub);
      return draining;
    },
    stats: () => statsOf(hub),
    async close() {
      if (isClosed) return;
      isClosed = true;
      draining ??= Promise.resolve();
      stopSweep();
      stopWatch();
      for (const connection of hub.registry.values()) {
        connection.say("drain", options.random() * options.drainMs);
      }
      for (const connection of hub.leaving) connection.cut();
    },
  };
}

/** Over so long those come back who are told to resume, in milliseconds: not all at once. */
const RESUME_SPREAD_MS = 5_000;

/** Lets all readers of these topics, or of any, ask again from their cursor: only there can they be told what is gone. */
function resumeAll({ registry, options }: Hub, topics: ReadonlySet<Topic> | undefined): void {
  for (const connection of registry.values()) {
    if (!hasMissed(connection.topics, topics)) continue;
    connection.say("drain", options.random() * Math.min(RESUME_SPREAD_MS, options.drainMs));
  }
}

function localOf({ registry, revokedLately }: Hub, doorman: Doorman): LocalNode {
  return {
    get size() {
      return registry.size;
    },
    *all() {
      for (const connection of registry.values()) yield connection.info();
    },
    kick(userId, until = Infinity) {
      for (const connection of registry.of(userId)) {
        if (connection.openedAt <= until) connection.say("revoked", 0);
      }
    },
    revoke(tokenId) {
      revokedLately.add(tokenId);
      for (const connection of registry.values()) {
        if (connection.identity.tokenId === tokenId) connection.say("revoked", 0);
      }
    },
    async renew(connectionId, identity) {
      const connection = registry.get(connectionId);
      if (connection === undefined) throw notFound();
      await doorman.renew(connection, identity);
    },
    settle: (userId) => doorman.settle(userId),
  };
}

function connectionsOf({ registry, revokedLately }: Hub): Connections {
  const revokeAll = (connections: readonly Connection[]): number => {
    for (const connection of connections) connection.say("revoked", 0);
    return connections.length;
  };
  return {
    get counts() {
      return registry.counts;
    },
    isUserConnected: (userId) => registry.countOf(userId) > 0,
    of: (userId) => registry.of(userId).map((connection) => connection.info()),
    kick: (userId) => revokeAll(registry.of(userId)),
    revoke(tokenId) {
      revokedLately.add(tokenId);
      return revokeAll(
        [...registry.values()].filter(({ identity }) => identity.tokenId === tokenId),
      );
    },
    onOpen: (listener) => registry.onOpen(listener),
    onClose: (listener) => registry.onClose(listener),
  };
}

function statsOf({ registry, totals }: Hub): GatewayStats {
  let { conflated, shed } = totals;
  let queuedBytes = 0;
  for (const connection of registry.values()) {
    queuedBytes += connection.queuedBytes;
    conflated += connection.backlogStats.conflated;
    shed += connection.backlogStats.shed;
  }
  return { ...registry.counts, ...totals, conflated, shed, queuedBytes };
}
