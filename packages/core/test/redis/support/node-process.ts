// A node of its own that writes books from a line in Redis: `<redis url> <base url of the model> <milliseconds that a lease
// lives>`. It says `ready`, then each new status of a book that it works on; it ends when its input does.
import { once } from "node:events";
import { createOpenAICompatibleAuthor } from "../../../src/books/authors/model/providers/openai-compatible.js";
import { createBooks } from "../../../src/books/service.js";
import { createBus } from "../../../src/bus/bus.js";
import { bookMessages } from "../../../src/protocol/index.js";
import {
  createRedisQueue,
  createRedisSignals,
  openRedis,
  openRedisHome,
} from "../../../src/redis/index.js";

const [url = "", baseUrl = "", leaseTtl = ""] = process.argv.slice(2);
let last = "";
/** Once for each change. */
function say(word: string) {
  if (word !== last) console.log(word);
  last = word;
}
const onProblem = (problem: unknown) => console.log(`problem ${String(problem)}`);
const leaseTtlMs = Number(leaseTtl);
const redis = await openRedis(url, { onProblem });
const home = await openRedisHome({ redis, leaseTtlMs });
const signals = createRedisSignals({ redis, onProblem });
const bus = createBus({ messages: bookMessages });
const books = createBooks({
  home,
  signals,
  queue: createRedisQueue({
    redis,
    concurrency: 2,
    lockDurationMs: leaseTtlMs + 1_000,
    stalledIntervalMs: leaseTtlMs / 4,
    onProblem,
  }),
  bus: {
    publish(topic, type, data) {
      const told = data as { readonly status?: string };
      if (type === "book_generation_update") say(told.status ?? "");
      return bus.publish(topic, type, data);
    },
  },
  authors: {
    resolve: async () =>
      createOpenAICompatibleAuthor({ provider: "local", model: "story", baseUrl, concurrency: 3 }),
  },
  retry: { baseMs: 10, capMs: 50 },
  onProblem,
});
await books.recover({ everyMs: 1_000 });
console.log("ready");
process.stdin.resume();
await once(process.stdin, "end");
await books.close({ graceMs: 0 });
signals.close();
await bus.close();
redis.disconnect();
