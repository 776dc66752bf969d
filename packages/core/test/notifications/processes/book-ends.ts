// Writes a book to its end and hangs where its owner is to be told: `book-ends.ts <home>`. It prints when it does.
import { createBus } from "../../../src/bus/bus.js";
import { createBooks } from "../../../src/books/service.js";
import { createBookNotifications } from "../../../src/notifications/book-notifications.js";
import { createNotifier } from "../../../src/notifications/notifier.js";
import { bookMessages } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";
import { guardStorage } from "../support/guard-storage.js";
import { createScriptedAuthor } from "../../books/support/scripted-author.js";

const [directory = ""] = process.argv.slice(2);
const home = await openHome(directory);
guardStorage(home.storage, "setItem", "inboxes:", async () => {
  console.log("about to tell");
  await new Promise(() => setInterval(() => {}, 1_000));
});
const bus = createBus({ messages: bookMessages });
const endings = createBookNotifications({ bus, home, notifier: createNotifier({ bus, home }) });
const books = createBooks({
  home,
  bus: endings.bus,
  notifications: false,
  authors: { resolve: async () => createScriptedAuthor() },
});
await books.create("ada", { title: "The Tides", chapters: 2, words: 200 });
