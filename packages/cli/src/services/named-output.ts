import { stat } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { InkwireError } from "@inkwire/core/protocol";
import { bookFormats, type BookFormat, type OutputFlags } from "../commands/flags.js";

const formatOfExtension: Readonly<Record<string, BookFormat>> = {
  ".epub": "epub",
  ".md": "markdown",
  ".markdown": "markdown",
  ".html": "html",
  ".htm": "html",
  ".pdf": "pdf",
  ".docx": "docx",
};

/** What is meant as a file and can't be made; any other name with a dot in it may be a folder. */
const OTHER_BOOKS = new Set([
  ".mobi",
  ".azw",
  ".azw3",
  ".fb2",
  ".doc",
  ".odt",
  ".rtf",
  ".txt",
  ".tex",
]);

/** What `--out` and `--format` of a new book say together. */
export interface NamedOutput {
  /** The folder; `undefined` for a new one. */
  readonly out: string | undefined;
  /** Of the one file, where `--out` names a file. */
  readonly name?: string;
  readonly formats: readonly BookFormat[] | undefined;
}

/**
 * The format that a file's name asks for, unless that is another one than `formats`.
 *
 * @throws InkwireError `invalid_option`: it ends like one format, and another one is asked for.
 */
export function formatOfName(
  path: string,
  formats: readonly BookFormat[] | undefined,
): BookFormat | undefined {
  const format = formatOfExtension[extname(path).toLowerCase()];
  if (format === undefined || formats === undefined) return format;
  if (formats.every((asked) => asked === format)) return format;
  throw new InkwireError(
    "invalid_option",
    `Expected --out to be a folder, or to end like --format ${formats.join(",")}, got ${basename(path)}`,
    { hint: "leave one of them out" },
  );
}

/**
 * Reads where a book shall go: `tides.epub` is that one file, and anything else a folder, as is whatever is one already.
 *
 * @param mine - absolute paths that an earlier run of the same book wrote: these are replaced.
 * @throws InkwireError `invalid_option`: the file is there already, is not of a format that can be made, or not of `--format`.
 */
export async function readNamedOutput(
  cwd: string,
  { out, format: formats }: OutputFlags,
  mine: readonly string[] = [],
): Promise<NamedOutput> {
  const path = resolve(cwd, out ?? "");
  const found = out === undefined ? undefined : await stat(path).catch(() => undefined);
  if (out === undefined || /[\\/]$/.test(out) || found?.isDirectory() === true)
    return { out, formats };
  if (OTHER_BOOKS.has(extname(out).toLowerCase()))
    throw new InkwireError(
      "invalid_option",
      `Expected --out to be a folder, or a file in ${bookFormats.join(", ")}, got ${basename(out)}`,
    );
  const format = formatOfName(out, formats);
  if (format === undefined) return { out, formats };
  if (found !== undefined && !mine.includes(path))
    throw new InkwireError("invalid_option", `There is a file ${out} already`, {
      hint: "choose another name, or delete it first",
    });
  return { out: dirname(path), name: basename(path), formats: [format] };
}
