import { resolve } from "node:path";
import {
  parseBookRequest,
  readSource,
  type BookRequest,
  type SourceFile,
} from "@inkwire/core/books";
import type { CreateFlags } from "../commands/create.js";
import type { Runtime } from "../runtime.js";
import { openAuthors } from "./authors.js";

/** What `create` asks for, checked. */
export interface PreparedRequest {
  readonly request: BookRequest;
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
  const { brief, chapters, words, language, author, byline, from } = flags;
  const limits = { maxCostUsd: flags.maxCost, maxTokens: flags.maxTokens };
  const wanted = { title, brief, chapters, words, language, author, byline, ...limits };
  parseBookRequest(wanted);
  const source = from && (await readSource(from.map((path) => resolve(runtime.cwd, path))));
  const choice = await openAuthors(runtime).choose(author, source);
  return {
    request: parseBookRequest({ ...wanted, author: choice.id }),
    source,
    authorLine: `${choice.label}, chosen because ${choice.reason}`,
  };
}
