import { resolve } from "node:path";
import {
  parseBookRequest,
  readSource,
  type BookRequest,
  type SourceFile,
} from "@inkwire/core/books";
import { InkwireError } from "@inkwire/core/protocol";
import type { CreateFlags } from "../commands/create.js";
import type { Runtime } from "../runtime.js";
import { openAuthors } from "./authors.js";

/** What `create` asks for, checked. */
export interface PreparedRequest {
  /** What the books take: checked and filled, or what the server is to fill. */
  readonly request: Pick<BookRequest, "title"> & {
    readonly [K in keyof BookRequest]?: BookRequest[K] | undefined;
  };
  readonly source: readonly SourceFile[] | undefined;
  /** Who writes, and why, for people. */
  readonly authorLine: string;
}

/**
 * Makes a request of the flags: checks it, reads `--from`, and decides who writes. What costs nothing comes first.
 *
 * @throws InkwireError `invalid_request`, `source_unreadable`, `author_unavailable`.
 */
export async function prepareRequest(
  runtime: Runtime,
  title: string,
  flags: CreateFlags,
): Promise<PreparedRequest> {
  const { from, author } = flags;
  const wanted = wantedBy(title, flags);
  parseBookRequest(wanted);
  const source = from && (await readSource(from.map((path) => resolve(runtime.cwd, path))));
  const choice = await openAuthors(runtime).choose(author, source);
  return {
    request: parseBookRequest({ ...wanted, author: choice.id }),
    source,
    authorLine: `${choice.label}, chosen because ${choice.reason}`,
  };
}

/**
 * The same for a server, which decides who writes and fills in what is missing.
 *
 * @throws InkwireError `invalid_request`; `invalid_option` for `--from`, which a server has no way to take.
 */
export function prepareRemoteRequest(title: string, flags: CreateFlags): PreparedRequest {
  const { from, author } = flags;
  if (from !== undefined) {
    throw new InkwireError("invalid_option", "--from and --server can't be used together", {
      hint: "the server has no way to take files: write this book without --server",
    });
  }
  const wanted = wantedBy(title, flags);
  const { title: cleanTitle } = parseBookRequest(wanted);
  const authorLine = author === undefined ? "chosen by the server" : `${author}, at the server`;
  return { request: { ...wanted, title: cleanTitle }, source: undefined, authorLine };
}

function wantedBy(title: string, flags: CreateFlags) {
  const { brief, chapters, words, language, author, byline, maxCost, maxTokens } = flags;
  const limits = { maxCostUsd: maxCost, maxTokens };
  return { title, brief, chapters, words, language, author, byline, ...limits };
}
