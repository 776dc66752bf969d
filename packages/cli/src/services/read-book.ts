import { InkwireError } from "@inkwire/core/protocol";
import type { GlobalFlags } from "../commands/flags.js";
import type { Runtime } from "../runtime.js";
import { openSession } from "./session.js";

/**
 * The Markdown of a book as far as it is written, with its headings; with `chapter` only that one.
 *
 * @throws InkwireError `not_found` for a book or chapter that there is not; `conflict` before the first text.
 */
export async function readBook(
  runtime: Runtime,
  id: number,
  flags: GlobalFlags & { readonly chapter?: number },
): Promise<string> {
  await using session = await openSession(runtime, flags);
  const { books, owner } = session;
  const book = await books.get(owner, id);
  if (flags.chapter !== undefined) {
    if (book.chapters.length > 0 && flags.chapter > book.chapters.length) {
      throw new InkwireError("not_found", `Book ${id} has ${book.chapters.length} chapters`);
    }
    const { title, text } = await books.chapter(owner, id, flags.chapter);
    return `## ${title}\n\n${text.trim()}\n`;
  }
  const parts = [`# ${book.title}`];
  for (const { number, state, words } of book.chapters) {
    if (state === "waiting" && words === 0) continue;
    const { title, text, done } = await books.chapter(owner, id, number);
    const mark = state === "writing" ? "*(still being written)*" : "*(not finished)*";
    parts.push(`## ${title}`, text.trim(), ...(done ? [] : [mark]));
  }
  if (parts.length === 1) {
    throw new InkwireError("conflict", `Nothing of book ${id} is written yet`);
  }
  return `${parts.join("\n\n")}\n`;
}
