// One of several processes that change one inbox as fast as they can: `notify.ts <home> <name>`.
import { createBus } from "../../../src/bus/bus.js";
import { createNotifier } from "../../../src/notifications/notifier.js";
import { bookMessages } from "../../../src/protocol/index.js";
import { openNamedHome } from "../../support/named-home.js";

const [place = "", name = ""] = process.argv.slice(2);
const home = await openNamedHome(place);
const bus = createBus({ messages: bookMessages });
const notifier = createNotifier({ bus, home });

const welcomed = await notifier.welcome("42");
const badges: string[] = [];
for (let n = 0; n < 15; n++) {
  await notifier.info("42", { title: `${name}${n}`, message: "" });
  if (n >= 10) continue;
  // Every process tells of the same ten books.
  const earned = await notifier.bookCompleted("42", { bookId: n + 1, words: 100 });
  badges.push(...earned.map(({ id }) => id));
}
console.log(JSON.stringify({ welcomed, badges }));
await bus.close();
await home.close();
