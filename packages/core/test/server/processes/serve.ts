// A server in a process of its own: `<home> <journal> <pause in ms> <pieces of a chapter>`. It prints its address, drains at
// SIGTERM, and then has to end by itself.
import { createInkwire } from "../../../src/server/create-inkwire.js";
import { createScriptedAuthor } from "../../books/support/scripted-author.js";

const [home = "", journal = "", pause = "0", length = "20"] = process.argv.slice(2);
const author = createScriptedAuthor({
  journal,
  pauseMs: Number(pause),
  concurrency: 1,
  *pieces(chapter) {
    for (let piece = 1; piece <= Number(length); piece += 1) {
      yield `Sentence ${piece} of chapter ${chapter} says that the tide comes in.\n\n`;
    }
  },
});
const inkwire = await createInkwire({
  auth: { secret: "a secret of the tests, which is long enough" },
  home,
  books: { authors: { resolve: async () => author } },
});
process.once("SIGTERM", () => {
  void (async () => {
    await inkwire.drain();
    await inkwire.close();
    process.stdout.write("closed\n");
  })();
});
const { url } = await inkwire.listen();
process.stdout.write(`${url}\n`);
