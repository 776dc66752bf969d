// One server of the storm: the whole of inkwire as `createInkwire` opens it, told what to do by messages.
import { createTokenIssuer } from "@inkwire/core";
import { defineMessage, defineMessages, durable } from "@inkwire/core/protocol";
import { createInkwire } from "@inkwire/core/server";
import * as v from "valibot";
import { SECRET } from "./storm.js";

const [redisUrl = "", prefix = "", userCount = "0", use = "storm"] = process.argv.slice(2);
const users = Number(userCount);
const inkwire = await createInkwire({
  auth: { secret: SECRET },
  redis: { url: redisUrl, prefix, maxMessages: 50_000 },
  messages: defineMessages({ storm_note: defineMessage(v.object({ n: v.number() }), durable()) }),
  // Whoever connects is welcomed, as where books are written.
  welcome:
    use === "storm"
      ? { title: "Welcome", message: "Here you will find what happens to your books." }
      : null,
  // Each client says that it comes from an address of its own.
  trustProxy: 1,
});
const { url } = await inkwire.listen({ port: 0 });
const issuer = createTokenIssuer({ secret: SECRET });
// Where memory is weighed, others make them.
const issued = Array.from({ length: use === "storm" ? users : 0 }, (_, n) =>
  issuer.issue({ userId: `storm-${n}` }),
);
process.send?.({ port: Number(new URL(url).port), tokens: await Promise.all(issued) });

/**
 * Each user's messages are numbered apart, in turn.
 *
 * @param {{ rounds: number, everyMs: number }} order - a message every so often, to each user `rounds` times
 */
async function publish({ rounds, everyMs }) {
  const from = performance.now();
  /** @type {Promise<unknown>[]} */
  const pending = [];
  for (let at = 0; at < rounds * users; at += 1) {
    const waitMs = from + at * everyMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const n = Math.floor(at / users);
    pending.push(inkwire.bus.publish(`user/storm-${at % users}`, "storm_note", { n }));
  }
  await Promise.all(pending);
}

/** @param {Parameters<typeof publish>[0] | "cpu"} order */
async function answer(order) {
  if (order === "cpu") {
    process.send?.(process.cpuUsage());
  } else {
    await publish(order);
    process.send?.("published");
  }
}

process.on("message", (order) => void answer(/** @type {Parameters<typeof answer>[0]} */ (order)));
