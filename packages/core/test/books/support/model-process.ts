// A process of its own that writes, or goes on writing, one book with a model server:
// `<home> <messages> <base url> <model> <chapters> <words>`. It appends each `chapter_text` message to the file
// <messages>, prints the end as one line of JSON, and ends by itself unless it is killed.
import { appendFileSync } from "node:fs";
import { createOpenAICompatibleAuthor } from "../../../src/books/authors/model/providers/openai-compatible.js";
import { createBooks } from "../../../src/books/service.js";
import { createBus } from "../../../src/bus/bus.js";
import { bookMessages } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";

const [directory = "", file = "", baseUrl = "", model = "", chapters = "", words = ""] =
  process.argv.slice(2);
const home = await openHome(directory);
const bus = createBus({ messages: bookMessages });
const books = createBooks({
  home,
  bus: {
    publish(topic, type, data) {
      if (type === "chapter_text") appendFileSync(file, `${JSON.stringify(data)}\n`);
      return bus.publish(topic, type, data);
    },
  },
  authors: {
    resolve: async () =>
      createOpenAICompatibleAuthor({ provider: "local", model, baseUrl, concurrency: 3 }),
  },
  retry: { baseMs: 10, capMs: 50 },
  onProblem: (problem) => console.error(problem),
});
if ((await books.list("ada")).length === 0) {
  const request = { title: "Boats", chapters: Number(chapters), words: Number(words) };
  await books.create("ada", request);
} else {
  const [first] = await books.list("ada");
  if (first?.status === "failed") await books.resume("ada", 1);
  else await books.recover();
}
const { status, error, usage } = await books.wait("ada", 1);
const texts = (await books.chapters("ada", 1)).map(({ text }) => text);
console.log(JSON.stringify({ status, error, usage, texts }));
await books.close();
await bus.close();
await home.close();
