import {
  createAuthors,
  createPrices,
  parseOwnPrice,
  type Authors,
  type Prices,
} from "@inkwire/core/books";
import { InkwireError } from "@inkwire/core/protocol";
import type { Runtime } from "../runtime.js";

/**
 * The authors that this environment has. `INKWIRE_PACE` sets how many words a second the offline planner writes, `0` all
 * at once.
 *
 * @throws InkwireError `invalid_option` for a pace that is no number.
 */
export function openAuthors({ env }: Pick<Runtime, "env">): Authors {
  const pace = env["INKWIRE_PACE"];
  // Whoever types a command may name a file of their own machine. A server lets its users choose no file (`allowedAuthors`),
  // and yet goes on with a book of its home that was begun with one.
  const localFiles = true;
  if (pace === undefined || pace === "") return createAuthors({ env, localFiles });
  const wordsPerSecond = Number(pace);
  if (!Number.isFinite(wordsPerSecond) || wordsPerSecond < 0) {
    throw new InkwireError(
      "invalid_option",
      "Expected INKWIRE_PACE to be a number of words a second",
    );
  }
  return createAuthors({
    env,
    localFiles,
    wordsPerSecond: wordsPerSecond === 0 ? null : wordsPerSecond,
  });
}

/** What models cost; `INKWIRE_PRICE` says it for those that are in no list. @throws InkwireError `invalid_option` */
export function openPrices({ env }: Pick<Runtime, "env">): Prices {
  const own = env["INKWIRE_PRICE"];
  return createPrices(own === undefined || own === "" ? {} : { own: parseOwnPrice(own) });
}
