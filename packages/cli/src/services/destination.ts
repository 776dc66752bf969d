import { randomUUID } from "node:crypto";
import { mkdir, open, rm, rmdir } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { slug, type BookFile } from "@inkwire/core/books";
import { InkwireError } from "@inkwire/core/protocol";
import { tellError } from "../output/errors.js";
import { makeFolder } from "./make-folder.js";
import { writeFileSafely } from "./safe-write.js";

/** Where the files of one book go. */
export interface Destination {
  /** Absolute; it exists and was writable. */
  readonly directory: string;
  /** Made for this book alone: removed again if nothing comes to lie in it. */
  readonly own: boolean;
  /** What the one file is called, where a file was asked for. */
  readonly name?: string | undefined;
}

const MAX_NAMES = 1000;

/**
 * Finds the folder for a book and proves that it can be written, before anything is spent on text. `out` is taken as it
 * is; without it a new folder `books/<slug>` is made, `books/<slug>-2` where there is one, so that two books of one title
 * never meet.
 *
 * @throws InkwireError `storage_failed` that names the folder and what to do.
 */
export async function prepareDestination(
  cwd: string,
  out: string | undefined,
  title: string,
): Promise<Destination> {
  if (out === undefined) {
    const parent = join(cwd, "books");
    return { directory: await writable(parent, () => makeNew(parent, slug(title))), own: true };
  }
  const directory = resolve(cwd, out);
  await writable(directory, async () => {
    await makeFolder(directory);
    await probe(directory);
  });
  return { directory, own: false };
}

/** The same for a folder that was chosen by an earlier run: it may have been deleted since. */
export async function reopenDestination(destination: Destination): Promise<void> {
  const { directory } = destination;
  await writable(directory, async () => {
    await makeFolder(directory);
    await probe(directory);
  });
}

/** Takes back a folder that was made for a book that did not come. */
export async function abandonDestination({ directory, own }: Destination): Promise<void> {
  // It stays where something lies in it.
  if (own) await rmdir(directory).catch(() => undefined);
}

/**
 * Saves the files of a book, all with the same new name where one of them is taken by a file that is not in `mine`.
 *
 * @param mine - absolute paths that an earlier run of the same book wrote: these are replaced.
 * @returns absolute paths, in the order of `files`.
 */
export async function saveFiles(
  { directory }: Destination,
  files: readonly BookFile[],
  mine: readonly string[] = [],
): Promise<string[]> {
  await makeFolder(directory);
  for (let attempt = 1; attempt <= MAX_NAMES; attempt += 1) {
    const paths = files.map(({ name }) => join(directory, numbered(name, attempt)));
    if (await saveAll(paths, files, mine)) return paths;
  }
  throw new InkwireError("storage_failed", `Every name for the book is taken in ${directory}`);
}

/** All of them or none: what was saved before one failed is taken back. `false` when a name is taken. */
async function saveAll(
  paths: readonly string[],
  files: readonly BookFile[],
  mine: readonly string[],
): Promise<boolean> {
  const added: string[] = [];
  let complete = false;
  try {
    for (const [index, path] of paths.entries()) {
      const replace = mine.includes(path);
      const bytes = files[index]?.bytes ?? new Uint8Array();
      if (!(await writeFileSafely(path, bytes, { replace }))) return false;
      if (!replace) added.push(path);
    }
    complete = true;
    return true;
  } finally {
    if (!complete) await Promise.all(added.map((path) => rm(path, { force: true })));
  }
}

/** `tides.epub`, `tides-2.epub`, `tides-3.epub`, … */
export function numbered(name: string, attempt: number): string {
  if (attempt === 1) return name;
  const extension = extname(name);
  return `${name.slice(0, name.length - extension.length)}-${attempt}${extension}`;
}

async function makeNew(parent: string, name: string): Promise<string> {
  await makeFolder(parent);
  for (let attempt = 1; attempt <= MAX_NAMES; attempt += 1) {
    const directory = join(parent, attempt === 1 ? name : `${name}-${attempt}`);
    try {
      // Not recursive: making it is what makes it ours, also against another process.
      await mkdir(directory);
      return directory;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new InkwireError(
    "storage_failed",
    `There are ${MAX_NAMES} books named ${name} in ${parent}`,
  );
}

/** Permissions do not tell whether a file can be written (a disk may be full or read-only); writing one does. */
async function probe(directory: string): Promise<void> {
  const path = join(directory, `.inkwire-${randomUUID().slice(0, 8)}.tmp`);
  const file = await open(path, "wx");
  await file.close();
  await rm(path, { force: true });
}

async function writable<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { hint } = tellError(error, "choose another folder with --out");
    throw new InkwireError("storage_failed", `Can't write to ${directory}`, { cause: error, hint });
  }
}
