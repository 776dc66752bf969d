// A server on a Redis in a process of its own: `<url> <prefix> [options of createInkwire as JSON]`. It prints its address,
// does what lines of its input ask for, and drains at SIGTERM.
import { createInterface } from "node:readline";
import { createInkwire } from "../../../src/server/create-inkwire.js";
import type { InkwireOptions } from "../../../src/server/options.js";
import { createScriptedAuthor } from "../../books/support/scripted-author.js";

const [url = "", prefix = "", port = "0", more = "{}"] = process.argv.slice(2);
const { redis, journal, ...options } = JSON.parse(more) as Partial<InkwireOptions> & {
  redis?: object;
  /** A file that gets a line for each chapter that is bought. */
  journal?: string;
};
const author = createScriptedAuthor({
  concurrency: 1,
  pauseMs: 20,
  ...(journal !== undefined && { journal }),
});
const inkwire = await createInkwire({
  auth: { secret: "a secret of the tests, which is long enough" },
  redis: { ...redis, url, prefix },
  books: { authors: { resolve: async () => author } },
  welcome: null,
  trustProxy: 1,
  rateLimits: null,
  ...options,
});
process.once("SIGTERM", () => {
  void (async () => {
    await inkwire.drain();
    await inkwire.close();
    process.exit(0);
  })();
});
const { url: address } = await inkwire.listen({ port: Number(port) });
process.stdout.write(`${address}\n`);
createInterface({ input: process.stdin }).on("line", (line) => {
  const [command = "", userId = "", n = ""] = line.split(" ");
  if (command === "publish") void publish(userId, n);
  if (command === "kick") process.stdout.write(`${inkwire.connections.kick(userId)}\n`);
  if (command === "connected") {
    process.stdout.write(`${inkwire.connections.isUserConnected(userId)}\n`);
  }
  if (command === "count") process.stdout.write(`${inkwire.connections.counts.total}\n`);
});

/** Says whether the message is certain: `yes <n>` or `no <n>`. */
async function publish(userId: string, n: string): Promise<void> {
  const data = { title: n, message: "" };
  const isKept = await inkwire.bus.publish(`user/${userId}`, "system_notification", data).then(
    () => true,
    () => false,
  );
  process.stdout.write(`${isKept ? "yes" : "no"} ${n}\n`);
}
