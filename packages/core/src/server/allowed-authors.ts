import { InkwireError } from "../protocol/index.js";

/** Throws for an author that a user of this server may not ask for. @throws InkwireError `invalid_request` */
export type CheckAuthor = (author: string) => void;

const NAME = /^[a-z][a-z0-9-]{0,40}$/;
const PATTERN = /^([a-z][a-z0-9-]{0,40})(:[^\s\p{C},]+)?$/u;

/**
 * Which authors users may choose for their books: they spend the operator's money and run on the operator's machine.
 *
 * Without a list that is any name alone, such as `auto`, `offline` or `openai`, which writes with the model that the operator
 * has set: never a model of the user's choice, nor a file (`gguf:/some/path`). An entry of a list allows just itself
 * (`openai`, `openai:gpt-5-mini`), or with `:*` every model of that name. Each author of a chain is looked at.
 *
 * Books that were accepted, or that the program itself created, go on with the author they have.
 *
 * @throws InkwireError `invalid_option` for an entry that is none, and for `gguf:*`, which would be every file.
 */
export function createAuthorCheck(allowed: readonly string[] | undefined): CheckAuthor {
  const names = allowed?.map(readEntry);
  const isAllowed = (author: string): boolean => {
    if (names === undefined) return NAME.test(author);
    const [name = ""] = author.split(":", 1);
    return names.includes(author) || (author !== name && names.includes(`${name}:*`));
  };
  const what =
    names === undefined ? "a name alone, such as auto, offline or openai" : names.join(", ");
  return (asked) => {
    if (asked.split(",").every((author) => isAllowed(author.trim()))) return;
    throw new InkwireError("invalid_request", `author: this server lets its users choose ${what}`);
  };
}

function readEntry(given: string): string {
  const entry = given.trim();
  if (entry !== "gguf:*" && PATTERN.test(entry)) return entry;
  throw new InkwireError(
    "invalid_option",
    entry === "gguf:*"
      ? "Expected allowedAuthors to name each model file, such as gguf:/models/a.gguf: gguf:* would be every file"
      : `Expected allowedAuthors such as "offline", "openai:gpt-5-mini" or "local:*", got ${JSON.stringify(given)}`,
  );
}
