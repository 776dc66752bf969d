// A process of its own that writes one book whose author keeps a bible: `<home> <journal> <which call hangs>`.
// It is killed while that call, such as `facts 2`, is under way.
import { appendFileSync } from "node:fs";
import { createBus } from "../../../src/bus/bus.js";
import { createBooks } from "../../../src/books/service.js";
import { bookMessages } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";
import { createCoherentAuthor } from "./coherent-author.js";
import { repeating } from "./repeating.js";

const [directory = "", journal = "", hang = ""] = process.argv.slice(2);
const home = await openHome(directory);
const bus = createBus({ messages: bookMessages });
const note = async (call: string): Promise<void> => {
  appendFileSync(journal, `${call}\n`);
  if (call === hang) await new Promise<void>((resolve) => setTimeout(resolve, 60_000));
};
const author = createCoherentAuthor({
  concurrency: 1,
  text: repeating,
  facts: async (number) => {
    await note(`facts ${number}`);
    return [{ subject: `Yann ${number}`, about: "age", fact: "He is twelve." }];
  },
  mend: async ({ chapter }) => {
    await note(`mend ${chapter.number}`);
    return [
      `Mended in chapter ${chapter.number}, as nobody had expected that it ever would be, least of all the harbour master, who had gone to bed with the tide and did not hear the bell.`,
    ];
  },
});
const books = createBooks({
  home,
  bus,
  authors: {
    resolve: async () => ({
      ...author,
      async chapter(task, call) {
        await note(`chapter ${task.chapter.number}`);
        return author.chapter(task, call);
      },
    }),
  },
  onProblem: (problem) => console.error(problem),
});
if ((await books.list("ada")).length === 0) {
  await books.create("ada", { title: "The Tides of Brittany", chapters: 3, words: 450 });
} else {
  await books.recover();
}
const { status } = await books.wait("ada", 1);
console.log(JSON.stringify({ status, chapters: await books.chapters("ada", 1) }));
await books.close();
await bus.close();
await home.close();
