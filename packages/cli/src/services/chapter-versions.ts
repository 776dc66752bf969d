import type { ChapterChange, VersionInfo } from "@inkwire/core/books";
import type { GlobalFlags } from "../commands/flags.js";
import type { Paint } from "../output/color.js";
import { pageLook } from "../output/page-look.js";
import { commandLine } from "../output/command-line.js";
import { writeJsonLine } from "../output/json.js";
import { sanitizeLine, sanitizeText } from "../output/sanitize.js";
import { plural } from "../output/words.js";
import type { Runtime } from "../runtime.js";
import { openSession } from "./session.js";

/** `inkwire chapter versions`: a line for each, the one that counts marked. */
export async function listVersions(
  runtime: Runtime,
  book: number,
  chapter: number,
  flags: GlobalFlags & { readonly json?: boolean },
): Promise<void> {
  await using session = await openSession(runtime, flags);
  const versions = await session.books.versions.list(session.owner, book, chapter);
  if (flags.json) writeJsonLine(runtime.stdout, { book_id: book, chapter, versions });
  else runtime.stdout.write(versions.map((version) => `${versionLine(version)}\n`).join(""));
}

function versionLine({ version, origin, at, title, words, current }: VersionInfo): string {
  const when = at === "" ? "" : `  ${sanitizeLine(at, 40)}`;
  return `${current ? "*" : " "} ${version}  ${origin}  ${plural(words, "word")}${when}  ${sanitizeLine(title, 80)}`;
}

/** `inkwire chapter diff`: a unified diff on stdout. */
export async function diffChapter(
  runtime: Runtime,
  book: number,
  chapter: number,
  flags: GlobalFlags & { readonly from?: number; readonly to?: number },
): Promise<void> {
  await using session = await openSession(runtime, flags);
  const { from, to } = flags;
  const diff = await session.books.versions.diff(session.owner, book, chapter, { from, to });
  const { paint } = pageLook(runtime, flags);
  runtime.stdout.write(
    sanitizeText(diff)
      .split("\n")
      .map((line) => colored(line, paint))
      .join("\n"),
  );
}

function colored(line: string, paint: Paint): string {
  if (/^(?:\+\+\+|---|===)/.test(line)) return paint("dim", line);
  if (line.startsWith("@@")) return paint("cyan", line);
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** `inkwire chapter revert`. */
export async function revertChapter(
  runtime: Runtime,
  book: number,
  chapter: number,
  version: number,
  flags: GlobalFlags,
): Promise<void> {
  await using session = await openSession(runtime, flags);
  const change = await session.books.versions.revert(session.owner, book, chapter, version);
  tellChange(runtime, book, chapter, change);
}

/** What a change did, and which chapters it may have left behind. */
export function tellChange(
  runtime: Runtime,
  book: number,
  chapter: number,
  { version, stale }: ChapterChange,
): void {
  const lines = [`Chapter ${chapter} of book ${book} is at version ${version}`];
  const [first] = stale;
  if (first !== undefined) {
    const again = commandLine(runtime.env, `chapter regenerate ${book} ${first}`);
    lines.push(
      `${stale.length === 1 ? "Chapter" : "Chapters"} ${stale.join(", ")} may no longer fit; nothing is written again unasked: ${again}`,
    );
  }
  lines.push(`Save the book again with: ${commandLine(runtime.env, `export ${book}`)}`);
  runtime.stderr.write(`${lines.join("\n")}\n`);
}
