// `INKWIRE_TEST_GGUF=/path/to/model.gguf node scripts/record-demo.js`: records what `inkwire demo` shows, from a book that a
// real model writes now. What is staged, the recording says: the offline planner plans it, since the toy model can't; its
// answers pass at the pace of a hosted one; and one request is refused, so that a retry can be seen.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { buildIfStale } from "./build-if-stale.js";

/** Of a model whose tokens are a third of a word: some 40 words a second, as hosted ones write. */
const TOKENS_PER_SECOND = 110;
const request = {
  title: "The Little Boat",
  brief: "A story for children about a little boat that wants to see the sea.",
  chapters: 6,
  words: 1200,
  author: "local:stories260K",
};
const about =
  "Its text is by stories260K, a toy model of 260,000 parameters: really asked, and only as clever as that. Staged were the outline (by the offline planner), the pace (of a hosted model), and one refused request, to show a retry.";
const target = fileURLToPath(new URL("../packages/cli/demo/recording.jsonl", import.meta.url));

buildIfStale();
const { createBus, createMemoryHome } = await import("@inkwire/core");
const { createBooks, createOpenAICompatibleAuthor, createPlanner } =
  await import("@inkwire/core/books");
const { bookMessages, isTerminalStatus } = await import("@inkwire/core/protocol");
const { startGgufServer, whyNoGguf } =
  await import("../packages/core/test/support/llm/gguf-server.ts");

const file = process.env["INKWIRE_TEST_GGUF"] ?? "";
const why = whyNoGguf(file);
if (why !== undefined) {
  process.stderr.write(`error: ${why}\n`);
  process.exit(1);
}
const model = await startGgufServer(file);
const stage = await openStage(model.baseUrl);
const home = createMemoryHome();
const bus = createBus({ messages: bookMessages });
const books = createBooks({
  home,
  bus,
  coherence: false,
  authors: {
    resolve: async () => ({
      ...createOpenAICompatibleAuthor({
        provider: "local",
        model: model.model,
        baseUrl: stage.baseUrl,
        concurrency: 3,
      }),
      outline: (request, call) => createPlanner().outline(request, call),
    }),
  },
});
const subscription = bus.subscribe(["user/you", "book/1"]);
const recordedAt = new Date();
await books.create("you", request);
const author = "local:stories260K, a toy model";
const lines = [
  JSON.stringify({ v: 1, about, title: request.title, author, bookId: 1, recordedAt }),
];
let outlined = false;

for await (const message of subscription) {
  const at = Date.parse(message.time) - recordedAt.getTime();
  if (message.type === "chapter_text" && !message.data.done) {
    const { chapter, offset, text } = message.data;
    lines.push(JSON.stringify([at, chapter, offset, text]));
    continue;
  }
  if (message.type === "notification") continue;
  lines.push(JSON.stringify({ at, message }));
  if (message.type !== "book_generation_update") continue;
  const isLast = isTerminalStatus(message.data.status);
  const book = await books.get("you", 1);
  if (isLast || (!outlined && book.chapters.length > 0)) {
    outlined = true;
    // The list of all requests is long, and no view shows it.
    lines.push(JSON.stringify({ at, book: { ...book, ledger: { ...book.ledger, parts: [] } } }));
  }
  process.stderr.write(
    `${message.data.status} ${message.data.progress} %: ${message.data.message}\n`,
  );
  if (isLast) break;
}
await books.close();
await bus.close();
stage.close();
await model[Symbol.asyncDispose]();
writeFileSync(target, `${lines.join("\n")}\n`);
process.stderr.write(`${lines.length} lines in ${target}\n`);

/**
 * Stands before the model's server, and stages what it can not do.
 *
 * @param {string} baseUrl
 */
async function openStage(baseUrl) {
  let chapterRequests = 0;
  const server = createServer((asked, response) => {
    pass(asked, response).catch((error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };

  /** @param {import("node:http").IncomingMessage} asked @param {import("node:http").ServerResponse} response */
  async function pass(asked, response) {
    let body = "";
    for await (const piece of asked) body += String(piece);
    const isChapter = /\[inkwire chapter/.test(body);
    if (isChapter && (chapterRequests += 1) === 5) {
      response.writeHead(429, { "retry-after": "4" }).end("staged");
      return;
    }
    const real = await fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    response.writeHead(real.status, { "content-type": real.headers.get("content-type") ?? "" });
    await sleep(600);
    let rest = "";
    for await (const bytes of real.body ?? []) {
      const events = (rest + Buffer.from(bytes).toString("latin1")).split(/(?<=\n\n)/);
      rest = events.at(-1)?.endsWith("\n\n") ? "" : (events.pop() ?? "");
      for (const event of events) {
        if (response.destroyed) return;
        response.write(event, "latin1");
        await sleep(1000 / TOKENS_PER_SECOND);
      }
    }
    response.end();
  }
}
