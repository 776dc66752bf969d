// A process of its own that writes, or goes on writing, one book: `<home> <journal> <pause in ms>`.
// It prints the book's exports as one line of JSON, and ends by itself unless it is killed.
import { createBus } from "../../../src/bus/bus.js";
import { createBooks } from "../../../src/books/service.js";
import { systemClock } from "../../../src/pipeline/clock.js";
import { bookMessages } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";
import { createScriptedAuthor } from "./scripted-author.js";

const [directory = "", journal = "", pause = "0"] = process.argv.slice(2);
const home = await openHome(directory);
const bus = createBus({ messages: bookMessages });
const books = createBooks({
  home,
  bus,
  authors: {
    resolve: async () => createScriptedAuthor({ journal, pauseMs: Number(pause), concurrency: 3 }),
  },
  // The only time and the only random text that get into a book.
  clock: { ...systemClock, now: () => Date.parse("2026-01-02T03:04:05Z") },
  uuid: () => "00000000-0000-4000-8000-000000000000",
  onProblem: (problem) => console.error(problem),
});
if ((await books.list("ada")).length === 0) {
  await books.create("ada", { title: "The Tides of Brittany", chapters: 8, words: 2_400 });
} else {
  await books.recover();
}
const { status } = await books.wait("ada", 1);
const epub = Buffer.from((await books.export("ada", 1, "epub")).bytes).toString("base64");
const markdown = Buffer.from((await books.export("ada", 1, "markdown")).bytes).toString();
console.log(JSON.stringify({ status, epub, markdown }));
await books.close();
await bus.close();
await home.close();
