import { InkwireError } from "@inkwire/core/protocol";
import type { GlobalFlags } from "../commands/flags.js";
import { commandLine } from "../output/command-line.js";
import { sanitizeLine } from "../output/sanitize.js";
import type { Runtime } from "../runtime.js";
import { askYesNo, canAsk } from "./ask.js";
import { openSession } from "./session.js";

/**
 * Deletes a book for good, after a question on a terminal; elsewhere only with `yes`.
 *
 * @returns its title; `undefined` when the answer was no.
 * @throws InkwireError `invalid_option` where nobody can be asked; `not_found`; `job_busy` while it is being written.
 */
export async function deleteBook(
  runtime: Runtime,
  id: number,
  flags: GlobalFlags & { readonly yes?: boolean },
): Promise<string | undefined> {
  await using session = await openSession(runtime, flags);
  const { title } = await session.books.get(session.owner, id);
  if (!flags.yes) {
    if (!canAsk(runtime)) {
      throw new InkwireError("invalid_option", `Deleting book ${id} can't be undone`, {
        hint: `say so with --yes: ${commandLine(runtime.env, `delete ${id} --yes`)}`,
      });
    }
    if (!(await askYesNo(runtime, `Delete book ${id}, "${sanitizeLine(title, 80)}"?`)))
      return undefined;
  }
  await session.books.remove(session.owner, id);
  await session.deliveries.remove(id);
  return title;
}
