// One server of `pnpm bench nodes`: a process of its own, told what to do by messages.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createBus, createGateway, createTokenIssuer, createTokenVerifier } from "@inkwire/core";
import { defineMessage, defineMessages, durable } from "@inkwire/core/protocol";
import { createRedisHistory, openRedis } from "@inkwire/core/redis";
import * as v from "valibot";

const SECRET = "a secret of the bench, long enough for it";
const [redisUrl = ""] = process.argv.slice(2);
const redis = redisUrl === "" ? undefined : await openRedis(redisUrl);
const bus = createBus({
  messages: defineMessages({
    bench_blob: defineMessage(v.object({ at: v.number(), text: v.string() }), durable()),
  }),
  ...(redis === undefined ? {} : { history: await createRedisHistory({ redis }) }),
});
const gateway = createGateway({ bus, verifier: createTokenVerifier({ secret: SECRET }) });
const http = createServer((req, res) => {
  const headers = new Headers({ authorization: req.headers.authorization ?? "" });
  void gateway.events(new Request(`http://bench${req.url}`, { headers }), { req, res });
});
await new Promise((resolve) => http.listen(0, "127.0.0.1", () => resolve(undefined)));
const issuer = createTokenIssuer({ secret: SECRET });
const users = Array.from({ length: 1_000 }, (_, n) => issuer.issue({ userId: `bench-${n}` }));
const tokens = await Promise.all(users);
const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());

/**
 * One message every so often: at their times, so that a late one does not make the next one late; or each alone, so that no two
 * go out in one write, however busy the machine is.
 *
 * @param {{ count: number, everyMs: number, isEachAlone: boolean }} order
 */
async function publish({ count, everyMs, isEachAlone }) {
  const from = performance.now();
  const before = process.cpuUsage();
  /** @type {Promise<unknown>[]} */
  const pending = [];
  for (let n = 0; n < count; n += 1) {
    if (isEachAlone) await pending.at(-1);
    const waitMs = isEachAlone ? everyMs : from + n * everyMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const at = performance.timeOrigin + performance.now();
    pending.push(bus.publish("all", "bench_blob", { at, text: "x".repeat(120) }));
  }
  await Promise.all(pending);
  await sleep(200);
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: user + system };
}

/** @param {Parameters<typeof publish>[0]} order */
async function answer(order) {
  process.send?.(await publish(order));
}

process.on("message", (/** @type {Parameters<typeof publish>[0]} */ order) => void answer(order));
process.send?.({ port, tokens });
