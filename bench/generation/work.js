// One measurement of `pnpm bench generation` in a process of its own; prints `{ cpuMs, wallMs, … }`.
// Usage: node work.js <what> <url of the provider> <chapters> <tokens a chapter> <tokens a second>
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [what = "", url = "", chapterText = "1", tokenText = "1", pace = "0"] = process.argv.slice(2);
const chapters = Number(chapterText);
const tokens = Number(tokenText);
const folder = mkdtempSync(join(tmpdir(), "inkwire-bench-"));
const CHAPTERS_AT_ONCE = 3;

const { createBus, createJobs, definePipeline, openHome } = await import("@inkwire/core");
const { createBooks, createOpenAICompatibleAuthor } = await import("@inkwire/core/books");
const { bookMessages } = await import("@inkwire/core/protocol");
const { streamText } = await import("ai");
const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
const model = createOpenAICompatible({
  name: "local",
  baseURL: `${url}/${tokens}/${pace}/v1`,
  includeUsage: true,
})("bench");

try {
  const result = await measures()[what]?.();
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {Record<string, () => Promise<object>>} */
function measures() {
  return {
    // What any program would do that has chapters written by the AI SDK, and keeps them.
    async sdk() {
      await one("warm up");
      return measured(async () => {
        await one(`Plan a book in ${chapters} chapters`);
        let next = 0;
        const worker = async () => {
          while (next < chapters) {
            next += 1;
            await one(`chapter ${next}`);
          }
        };
        await Promise.all(Array.from({ length: CHAPTERS_AT_ONCE }, worker));
      });
    },
    async books() {
      // One chapter first, as above: what is loaded and compiled once is no cost of a token.
      await one("warm up");
      await writeBook(1);
      return writeBook(chapters);
    },
    async memory() {
      const heaps = /** @type {number[]} */ ([]);
      const result = await writeBook(chapters, (done) => {
        if (done % 20 !== 0) return;
        globalThis.gc?.();
        heaps.push(process.memoryUsage().heapUsed);
      });
      return { ...result, heaps };
    },
    async jobs() {
      const noop = definePipeline(
        "noop",
        { plan: () => [{ name: "work", weight: 1 }] },
        async (run) =>
          run.step("work", {}, async (step) => {
            for (let part = 1; part <= 5; part += 1) step.progress(part / 6);
          }),
      );
      const home = await openHome(folder);
      const jobs = createJobs({ home, pipelines: [noop], onReport: () => {}, concurrency: 2 });
      const run = async (/** @type {number} */ count) => {
        for (let index = 0; index < count; index += 1) {
          const job = await jobs.enqueue("noop", {}, { owner: "1" });
          await jobs.wait(job.id);
        }
      };
      // As a process does that has been up for a while: what is compiled once is no cost of a job.
      await run(Math.min(1000, chapters));
      const result = await measured(() => run(chapters));
      await jobs.close();
      await home.close();
      return result;
    },
    // The same job by BullMQ, whose records are Redis's: its CPU time counts, too. Nothing waits for an event of Redis.
    async bullmq() {
      const { Queue, Worker } = await import("bullmq");
      const redis = await startRedis();
      const connection = { host: "127.0.0.1", port: redis.port, maxRetriesPerRequest: null };
      const queue = new Queue("noop", { connection });
      const worker = new Worker(
        "noop",
        async (job) => {
          for (let part = 1; part <= 5; part += 1) await job.updateProgress(part / 6);
        },
        { connection, concurrency: 2 },
      );
      const run = async (/** @type {number} */ count) => {
        for (let index = 0; index < count; index += 1) {
          const completed = once(worker, "completed");
          await queue.add("noop", { owner: "1" });
          await completed;
        }
      };
      try {
        await run(Math.min(1000, chapters));
        const before = await redis.cpuMs();
        const result = await measured(() => run(chapters));
        return { ...result, cpuMs: result.cpuMs + (await redis.cpuMs()) - before };
      } finally {
        await worker.close();
        await queue.close();
        await redis.stop();
      }
    },
  };
}

/** As durable as its usual configuration is: an append-only file, flushed every second. */
async function startRedis() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder];
  const child = spawn("redis-server", [...options, "--save", "", "--appendonly", "yes"], {
    stdio: "ignore",
  });
  const { Redis } = await import("ioredis");
  const redis = new Redis(port, "127.0.0.1");
  await redis.ping();
  return {
    port,
    async cpuMs() {
      const info = await redis.info("cpu");
      const seconds = (/** @type {string} */ name) =>
        Number(new RegExp(`^${name}:(.+)$`, "m").exec(info)?.[1]);
      return (seconds("used_cpu_user") + seconds("used_cpu_sys")) * 1000;
    },
    async stop() {
      redis.disconnect();
      child.kill();
      await once(child, "exit");
    },
  };
}

/** @param {string} prompt */
async function one(prompt) {
  const result = streamText({ model, prompt, maxRetries: 0 });
  let text = "";
  for await (const part of result.stream) if (part.type === "text-delta") text += part.text;
  await result.usage;
  return text;
}

/** @param {number} count @param {(done: number) => void} [onChapter] */
async function writeBook(count, onChapter) {
  const home = await openHome(mkdtempSync(join(folder, "home-")));
  const bus = createBus({ messages: bookMessages });
  const problems = /** @type {unknown[]} */ ([]);
  const books = createBooks({
    home,
    bus,
    // The bare loop makes no requests for facts and repairs either.
    coherence: false,
    maxChaptersAtOnce: CHAPTERS_AT_ONCE,
    onProblem: (problem) => problems.push(problem),
    authors: {
      resolve: async () =>
        createOpenAICompatibleAuthor({
          provider: "local",
          model: "bench",
          baseUrl: `${url}/${tokens}/${pace}/v1`,
          concurrency: CHAPTERS_AT_ONCE,
        }),
    },
  });
  // Somebody watches, as is usual.
  const subscription = bus.subscribe(["user/1", "book/1"]);
  const watching = (async () => {
    let done = 0;
    for await (const message of subscription) {
      if (message.type === "chapter_text" && message.data.done) onChapter?.((done += 1));
    }
  })();
  const request = { title: "Ports", chapters: count, words: Math.max(100, count * tokens) };
  let status = "";
  const result = await measured(async () => {
    await books.create("1", request);
    ({ status } = await books.wait("1", 1));
  });
  if (status !== "completed" || problems.length > 0) {
    throw new Error(`the book is ${status}: ${String(problems[0])}`);
  }
  subscription.close();
  await watching;
  await books.close();
  await bus.close();
  await home.close();
  return result;
}

/** @param {() => Promise<unknown>} work */
async function measured(work) {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, wallMs };
}
