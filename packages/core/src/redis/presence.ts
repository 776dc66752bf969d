import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { InkwireError } from "../protocol/index.js";
import { notFound } from "../transports/doorman.js";
import type { LocalNode, Peers } from "../transports/peers.js";
import type { ConnectionInfo } from "../transports/types.js";
import { openRedisChannel } from "./channel.js";
import { createErrands } from "./errands.js";
import { createHealth, type RedisHealth } from "./health.js";
import { createNodeList } from "./node-list.js";
import { parseWord, unpackConnection, type NodeWord } from "./node-words.js";
import { createOrders } from "./orders.js";
import { createOthers } from "./others.js";
import { tagOf } from "./tag.js";
import { notThere, within } from "./within.js";

export interface RedisPresenceOptions {
  /** Stays the caller's: presence has a connection of its own beside it, to listen. */
  readonly redis: Redis;
  /** What the keys begin with; the nodes of one bus have the same. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** How often a node says that it lives, in milliseconds. @default 1_000 */
  readonly beatMs?: number | undefined;
  /** How long a node may be silent before its connections no longer count, in milliseconds; at least three beats. @default 5_000 */
  readonly ttlMs?: number | undefined;
  /** Told what went wrong beside the work: once when Redis is away, not once a second. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /** Told when Redis has gone away and when it is back. @default nobody */
  readonly onHealth?: ((health: RedisHealth) => void) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default crypto.randomUUID */
  readonly uuid?: (() => string) | undefined;
}

export interface RedisPresence extends Peers {
  health(): RedisHealth;
}

/** What a client of ioredis says of itself when there is nobody to ask. */
const AWAY: ReadonlySet<string> = new Set(["reconnecting", "close", "end"]);
/** How long openings and endings are gathered before they are told, in milliseconds. */
const GATHER_MS = 20;
/** How many are told in one command. */
const TOLD_AT_ONCE = 500;

/**
 * Who is connected at which node. Each node keeps a list of its own connections in Redis, tells the others what changes in it,
 * and has a mirror of theirs, so that questions are answered at once and without Redis:
 *
 *     opened, closed ──20 ms──▶ one command: list + version, and a word to all ──▶ their mirrors
 *     every beat: "I live" ──▶ the versions of all ──▶ what was missed is read again, who died is forgotten
 *
 * What is heard is 20 ms old, or two beats where a word was missed; a node that died counts for `ttlMs` and a beat more. While
 * Redis is away the others count for `ttlMs`, then nobody but this node's own.
 *
 * @throws InkwireError `invalid_option`
 */
export function createRedisPresence(options: RedisPresenceOptions): RedisPresence {
  const { redis, beatMs = 1_000, ttlMs = 5_000, now = Date.now, uuid = randomUUID } = options;
  const { onProblem = () => {} } = options;
  const tag = tagOf(options.prefix);
  if (!(beatMs >= 10 && ttlMs >= 3 * beatMs)) {
    throw new InkwireError(
      "invalid_option",
      `Expected beatMs >= 10 and ttlMs of at least three beats, got ${beatMs} and ${ttlMs}`,
    );
  }
  const nodeId = uuid().replaceAll("-", "").slice(0, 12);
  const list = createNodeList({ redis, tag, node: nodeId, ttlMs });
  const health = createHealth({ now, onProblem, onHealth: options.onHealth });
  /** Of this node, what the others were not told yet: how it is now, or `undefined` for gone. */
  const untold = new Map<string, ConnectionInfo | undefined>();
  const others = createOthers({
    node: nodeId,
    read: (node) => list.read(node),
    onCame: (userId) => local?.settle(userId),
  });
  const { mirror } = others;
  let local: LocalNode | undefined;
  let version = 0;
  /** What Redis has of this node may not be what it has: all is told anew. */
  let mustBegin = true;
  let gathering: NodeJS.Timeout | undefined;
  let beating: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let hasLeft = false;
  /** Of turns: what an earlier one still waits for came too late for it. */
  let current = 0;

  const send = (word: NodeWord) => channel.send([JSON.stringify(word)]);
  const errands = createErrands({
    node: nodeId,
    send,
    renewHere: async (connectionId, identity) => local?.renew(connectionId, identity),
    uuid,
    onProblem,
  });
  const orders = createOrders({
    redis,
    tag,
    now,
    onProblem: (problem) => health.isAway || onProblem(problem),
    obey(order, givenAt) {
      if ("kick" in order) local?.kick(order.kick, givenAt);
      else local?.revoke(order.revoke);
    },
  });
  const channel = openRedisChannel({
    redis,
    name: `${tag}:nodes`,
    // That the connection broke, the next beat says too.
    onProblem: () => {},
    onWords: (words) => hear(parseWord(words.join(" "))),
  });

  function hear(word: NodeWord | undefined): void {
    if (word === undefined || local === undefined || hasLeft) return;
    if (word.is === "order") return orders.heard(word.id, word.order);
    if (word.is === "delta" && word.node !== nodeId) {
      return others.heard(word.node, { ...word, opened: word.opened.map(unpackConnection) });
    }
    if (word.is === "gone") {
      if (word.node === nodeId) mustBegin = true;
      return mirror.forget(word.node);
    }
    errands.heard(word);
  }

  /** Each command, so that a long list takes the time that it takes. */
  const soon = <T>(act: () => Promise<T>) => within(ttlMs / 2, act);

  async function begin(here: LocalNode): Promise<void> {
    mustBegin = false;
    version += 1;
    await soon(() => list.begin(version));
    for (const connection of here.all()) untold.set(connection.id, connection);
    await soon(() => orders.begin());
  }

  /** Tells what is untold, and that this node lives. */
  async function tellAll(here: LocalNode, mine: number): Promise<ReadonlyMap<string, number>> {
    for (;;) {
      if (mustBegin) await begin(here);
      if (mine !== current) throw notThere();
      const told = [...untold].slice(0, TOLD_AT_ONCE);
      for (const [id] of told) untold.delete(id);
      const opened = told.flatMap(([, connection]) => connection ?? []);
      const closed = told.flatMap(([id, connection]) => (connection === undefined ? id : []));
      const to = told.length === 0 ? version : version + 1;
      const startedAt = performance.now();
      const versions = await soon(() => list.beat(version, to, opened, closed));
      if (mine !== current) throw notThere();
      health.answered(performance.now() - startedAt);
      if (versions === undefined) mustBegin = true;
      else version = to;
      if (versions !== undefined && untold.size === 0) return versions;
    }
  }

  /** A Redis that does not answer ends it, and everything is told anew later. */
  async function exchange(here: LocalNode, isBeat: boolean): Promise<void> {
    if (AWAY.has(redis.status)) throw notThere();
    current += 1;
    const versions = await tellAll(here, current);
    if (!isBeat) return;
    await others.compare(versions);
    await soon(() => orders.catchUp());
  }

  async function takeTurnAfter(before: Promise<void>, isBeat: boolean): Promise<void> {
    await before;
    const here = local;
    if (here === undefined || hasLeft) return;
    try {
      await exchange(here, isBeat);
    } catch (error) {
      mustBegin = true;
      health.failed(error);
      // What is not heard of any more must not count for longer than a node that died.
      if (health.silentMs >= ttlMs) mirror.keepOnly(new Set());
    }
  }

  /** Turns come one after the other. */
  function takeTurn(isBeat: boolean): Promise<void> {
    turn = takeTurnAfter(turn, isBeat);
    return turn;
  }

  return {
    nodeId,
    health: () => health.now(),
    nodes() {
      const own = { id: nodeId, connections: local?.size ?? 0, isSelf: true };
      const others = [...mirror.nodes()].map(([id, connections]) => ({
        id,
        connections,
        isSelf: false,
      }));
      return [own, ...others];
    },
    get counts() {
      return mirror.counts;
    },
    countOf: (userId) => mirror.countOf(userId),
    of: (userId) => mirror.of(userId),
    users: () => mirror.users(),
    kick: (userId) => orders.give({ kick: userId }),
    revoke: (tokenId, until) => orders.give({ revoke: tokenId, until: until ?? null }),
    isRevoked: (tokenId) => orders.isRevoked(tokenId),
    async renew(connectionId, identity) {
      // The name of a connection begins with that of its node.
      const [node = ""] = connectionId.split(".");
      if (node === nodeId || !mirror.has(node)) throw notFound();
      await errands.renew(node, connectionId, identity);
    },
    tell(connection, isOpen) {
      if (hasLeft) return;
      untold.set(connection.id, isOpen ? connection : undefined);
      gathering ??= setTimeout(() => {
        gathering = undefined;
        // While Redis is away the next beat tells all anew.
        if (!health.isAway) void takeTurn(false);
      }, GATHER_MS);
    },
    async join(here) {
      local = here;
      await takeTurn(true);
      beating = setInterval(() => void takeTurn(true), beatMs);
    },
    async leave() {
      if (hasLeft) return;
      clearInterval(beating);
      clearTimeout(gathering);
      const isKnown = local !== undefined && !health.isAway;
      await turn;
      hasLeft = true;
      if (isKnown) await soon(() => list.leave()).catch(onProblem);
      channel.close();
    },
  };
}
