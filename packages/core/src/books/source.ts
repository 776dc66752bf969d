import { open, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { InkwireError } from "../protocol/index.js";
import { createMarkdownParser } from "./markdown/parser.js";
import { scanMarkdown } from "./markdown/scan.js";
import type { SourceFile } from "./service-types.js";
import { decodeSource } from "./source/decode.js";
import { resolveInSource } from "./source/paths.js";
import { isPictureName } from "./source/pictures.js";

/** How much source is read; beyond it the call is refused rather than a part left out. */
export const sourceLimits = Object.freeze({
  maxFiles: 2_000,
  /** One Markdown file or picture, in bytes. */
  maxFileBytes: 33_554_432,
  /** All of them together. */
  maxTotalBytes: 134_217_728,
  /** Folders inside of folders. */
  maxDepth: 16,
});

const MARKDOWN = /\.(?:md|markdown|mdown|mkd)$/i;
const FIRST = /^(?:index|readme)\./i;

/** Folders that hold other people's Markdown. */
const SKIPPED: ReadonlySet<string> = new Set(["node_modules"]);

const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/**
 * Reads Markdown from files and folders, and the pictures that it refers to beside it.
 *
 * Files keep the order in which they are given. A folder gives its Markdown files, also of folders inside, in natural order
 * (`2.md` before `10.md`), each folder's `index` and `README` first; what is hidden (`.name`) and `node_modules` is left out.
 * Nothing is read from outside of the folders that were given, or that hold the files: a link or symbolic link that leads out
 * is not followed. A picture that is missing is no error: see the `problems` of {@link planSource}.
 *
 * @throws InkwireError `source_unreadable` that names the path: missing, not permitted, neither file nor folder, too large, or
 *   a folder without Markdown.
 */
export async function readSource(paths: readonly string[]): Promise<SourceFile[]> {
  if (paths.length === 0)
    throw unreadable("nothing was given", "Name a Markdown file or a folder.");
  const given = await Promise.all(paths.map(inspect));
  const base = commonFolder(given.map(({ root }) => root));
  const found = new Map<string, { readonly file: string; readonly root: string }>();
  for (const { file, root, isFolder, name } of given) {
    const files = isFolder ? await markdownIn(root, root, 0) : [file];
    if (files.length === 0) {
      throw unreadable(`${name} has no Markdown file`, "Its files should end in .md or .markdown.");
    }
    for (const each of files) if (!found.has(each)) found.set(each, { file: each, root });
    if (found.size > sourceLimits.maxFiles) throw tooMany(name);
  }
  const reader = createReader(base);
  const markdown: { readonly file: SourceFile; readonly root: string }[] = [];
  for (const { file, root } of found.values())
    markdown.push({ file: await reader.read(file), root });
  const pictures = await readPictures(markdown, base, reader);
  return [...markdown.map(({ file }) => file), ...pictures];
}

interface Given {
  /** As it was given, for messages. */
  readonly name: string;
  readonly file: string;
  /** The folder that nothing is read out of. */
  readonly root: string;
  readonly isFolder: boolean;
}

async function inspect(name: string): Promise<Given> {
  try {
    const file = await realpath(name);
    const found = await stat(file);
    if (!found.isDirectory() && !found.isFile()) {
      throw unreadable(`${name} is neither a file nor a folder`);
    }
    const isFolder = found.isDirectory();
    return { name, file, root: isFolder ? file : path.dirname(file), isFolder };
  } catch (error) {
    throw explain(error, name);
  }
}

/** Markdown files of a folder in reading order, as real paths inside of `root`. */
async function markdownIn(folder: string, root: string, depth: number): Promise<string[]> {
  if (depth > sourceLimits.maxDepth) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw explain(error, folder);
  });
  const files: string[] = [];
  for (const entry of entries.toSorted(inReadingOrder)) {
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await markdownIn(full, root, depth + 1)));
    else if (MARKDOWN.test(entry.name)) files.push(...(await insideRoot(full, root)));
    if (files.length > sourceLimits.maxFiles) throw tooMany(folder);
  }
  return files;
}

function inReadingOrder(a: { readonly name: string }, b: { readonly name: string }): number {
  const first = Number(FIRST.test(b.name)) - Number(FIRST.test(a.name));
  return first || order.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}

/** The file that `full` really is, if that is a plain file inside of `root`; folders behind symbolic links are not entered. */
async function insideRoot(full: string, root: string): Promise<string[]> {
  try {
    const file = await realpath(full);
    const isInside = file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
    return isInside && (await stat(file)).isFile() ? [file] : [];
  } catch {
    // A symbolic link that leads nowhere.
    return [];
  }
}

/** Pictures that the Markdown shows and that lie in its own root, each once, in order of appearance. */
async function readPictures(
  markdown: readonly { readonly file: SourceFile; readonly root: string }[],
  base: string,
  reader: ReturnType<typeof createReader>,
): Promise<SourceFile[]> {
  const parser = createMarkdownParser();
  const seen = new Set<string>();
  const pictures: SourceFile[] = [];
  for (const { file, root } of markdown) {
    for (const { destination } of scanMarkdown(decodeSource(file)?.text ?? "", parser)) {
      const target = resolveInSource(file.path, destination)?.path;
      if (target === undefined || !isPictureName(target) || seen.has(target)) continue;
      seen.add(target);
      const [real] = await insideRoot(path.join(base, target), root);
      if (real !== undefined) pictures.push({ ...(await reader.read(real)), path: target });
      if (seen.size > sourceLimits.maxFiles) throw tooMany(file.path);
    }
  }
  return pictures;
}

function createReader(base: string) {
  let total = 0;
  return {
    async read(file: string): Promise<SourceFile> {
      const name = path.relative(base, file).split(path.sep).join("/");
      try {
        await using handle = await open(file, "r");
        const { size } = await handle.stat();
        const max = Math.min(sourceLimits.maxFileBytes, sourceLimits.maxTotalBytes - total);
        if (size > max) throw tooLarge(file, max);
        const bytes = await handle.readFile();
        if (bytes.length > max) throw tooLarge(file, max);
        total += bytes.length;
        return { path: name, bytes: new Uint8Array(bytes) };
      } catch (error) {
        throw explain(error, file);
      }
    },
  };
}

/** The deepest folder that holds all of them. */
function commonFolder(folders: readonly string[]): string {
  const [first = path.sep, ...others] = folders;
  let common = first;
  while (!others.every((folder) => folder === common || folder.startsWith(withSeparator(common)))) {
    common = path.dirname(common);
  }
  return common;
}

function withSeparator(folder: string): string {
  return folder.endsWith(path.sep) ? folder : folder + path.sep;
}

function tooMany(name: string): InkwireError {
  return unreadable(`${name} has more than ${sourceLimits.maxFiles} files`);
}

function tooLarge(name: string, max: number): InkwireError {
  return unreadable(`${name} is too large: at most ${max} more bytes are read`);
}

function explain(error: unknown, name: string): InkwireError {
  if (error instanceof InkwireError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "does not exist",
    EACCES: "may not be read",
    EPERM: "may not be read",
    ELOOP: "is a symbolic link to itself",
    ENOTDIR: "does not exist",
    ENAMETOOLONG: "has too long a name",
  };
  return unreadable(`${name} ${reasons[code] ?? "cannot be read"}`, undefined, error);
}

function unreadable(message: string, hint?: string, cause?: unknown): InkwireError {
  return new InkwireError("source_unreadable", `Source: ${message}.`, { hint, cause });
}
