import type { Redis } from "ioredis";
import { createRevocations } from "../auth/revocations.js";
import { InkwireError } from "../protocol/index.js";
import type { Order } from "./node-words.js";
import { createScript } from "./script.js";

/**
 * What all nodes have to do, kept for a while: `<tag>:orders`, a stream, so that a node that was cut off does it when it is
 * back. Ids of revoked tokens are kept until they end: `<tag>:revoked`, by when that is.
 */
export interface Orders {
  /** Gives it to all nodes, at the latest once Redis is back. */
  give(order: Order): void;
  /** One that was heard of on the channel. */
  heard(id: string, order: Order): void;
  /** Takes note of where the orders are, and of all revoked tokens. Has to be called before the rest. */
  begin(): Promise<void>;
  /** Does what was missed, and sends what could not be sent. */
  catchUp(): Promise<void>;
  isRevoked(tokenId: string): boolean;
}

export interface OrdersOptions {
  readonly redis: Redis;
  readonly tag: string;
  /** @param givenAt - in milliseconds since 1970, for an order that comes late; else what is younger counts too. */
  readonly obey: (order: Order, givenAt?: number) => void;
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
}

/** How many orders a node may miss and still learn of. */
const KEPT_ORDERS = 1_000;
const KEPT_ORDERS_S = 3_600;
const MAX_SKEW_MS = 1_000;
const MAX_REVOKED = 100_000;
const READ_AT_ONCE = 1_000;

/** The end of a token that has none. */
const NEVER = "+inf";

const giveScript = createScript(`
local at, channel, order = KEYS[1], KEYS[2], ARGV[1]
if ARGV[2] ~= '' then
  local time = redis.call('TIME')
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', time[1] * 1000)
  if redis.call('ZCARD', KEYS[3]) >= ${MAX_REVOKED} then return redis.error_reply('FULL') end
  redis.call('ZADD', KEYS[3], 'GT', ARGV[3], ARGV[2])
end
local id = redis.call('XADD', at, 'MAXLEN', '~', ${KEPT_ORDERS}, '*', 'order', order)
redis.call('EXPIRE', at, ${KEPT_ORDERS_S})
redis.call('PUBLISH', channel, '{"is":"order","id":"' .. id .. '","order":' .. order .. '}')
return id
`);

export function createOrders(options: OrdersOptions): Orders {
  const { redis, tag, obey, now, onProblem } = options;
  const keys = [`${tag}:orders`, `${tag}:nodes`, `${tag}:revoked`];
  const [stream = "", , revokedKey = ""] = keys;
  const revocations = createRevocations(2 * MAX_REVOKED, now);
  /** Since this node has begun, in order to bring them back to a Redis that lost them. */
  const known = new Map<string, string>();
  const unsent: Order[] = [];
  let seen: string | undefined;
  /** Obeyed already, of those after `seen`. */
  const obeyed = new Set<string>();

  const revoke = (tokenId: string, until: number | null) => {
    revocations.revoke(tokenId, until ?? undefined);
    known.set(tokenId, until === null ? NEVER : String(until));
  };
  const doIt = (order: Order, givenAt?: number) => {
    if ("revoke" in order) revoke(order.revoke, order.until);
    obey(order, givenAt);
  };
  const send = async (order: Order): Promise<void> => {
    const [tokenId, until] = "revoke" in order ? [order.revoke, order.until ?? NEVER] : ["", ""];
    try {
      await giveScript(redis, keys, [JSON.stringify(order), tokenId, until]);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("FULL"))) throw error;
      onProblem(
        new InkwireError("too_large", `The list of revoked tokens is full (${MAX_REVOKED}).`, {
          hint: "Other nodes still take this token. Say when tokens end, or change the secret.",
        }),
      );
    }
  };
  const readRevoked = async (): Promise<void> => {
    for (let from = 0; ; from += READ_AT_ONCE) {
      const range = await redis.zrange(
        revokedKey,
        String(from),
        String(from + READ_AT_ONCE - 1),
        "WITHSCORES",
      );
      for (let i = 0; i < range.length; i += 2) {
        const until = Number(range[i + 1]?.replace("inf", "Infinity"));
        const tokenId = range[i] ?? "";
        if (until > now()) revoke(tokenId, until === Infinity ? null : until);
      }
      if (range.length < 2 * READ_AT_ONCE) return;
    }
  };
  const bringBack = async (): Promise<void> => {
    const all = [...known].filter(([, until]) => until === NEVER || Number(until) > now());
    for (let from = 0; from < all.length; from += READ_AT_ONCE) {
      const scored = all.slice(from, from + READ_AT_ONCE).flatMap(([id, until]) => [until, id]);
      await redis.call("ZADD", revokedKey, "GT", ...scored);
    }
  };

  return {
    give(order) {
      if ("revoke" in order) revoke(order.revoke, order.until);
      send(order).catch((error: unknown) => {
        if (unsent.length < KEPT_ORDERS) unsent.push(order);
        onProblem(error);
      });
    },
    heard(id, order) {
      if (obeyed.has(id)) return;
      obeyed.add(id);
      doIt(order);
    },
    async begin() {
      // What was ordered before this node began, it had no connections for.
      seen ??= (await redis.xrevrange(stream, "+", "-", "COUNT", 1))[0]?.[0] ?? "0-0";
      await bringBack();
      await readRevoked();
    },
    async catchUp() {
      for (const order of unsent.splice(0)) {
        await send(order).catch((error: unknown) => {
          unsent.push(order);
          throw error;
        });
      }
      const missed = await redis.xrange(stream, `(${seen ?? "0-0"}`, "+", "COUNT", KEPT_ORDERS);
      for (const [id, fields] of missed) {
        seen = id;
        if (obeyed.delete(id)) continue;
        // Clocks of machines differ a little: rather one kicked too many than one too few.
        doIt(JSON.parse(fields[1] ?? "") as Order, Number(id.split("-")[0]) + MAX_SKEW_MS);
      }
    },
    isRevoked: (tokenId) => revocations.has(tokenId),
  };
}
