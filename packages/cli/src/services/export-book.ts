import { stat } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { InkwireError } from "@inkwire/core/protocol";
import type { BookFormat } from "../commands/flags.js";
import type { ExportFlags } from "../commands/export.js";
import { commandLine } from "../output/command-line.js";
import { exitCodes } from "../output/exit-codes.js";
import { displayPath } from "../output/paths.js";
import type { Runtime } from "../runtime.js";
import { saveFiles } from "./destination.js";
import { formatOfName } from "./named-output.js";
import { writeFileSafely } from "./safe-write.js";
import { openSession } from "./session.js";

const NOT_TEXT: Partial<Readonly<Record<BookFormat, string>>> = {
  epub: "An EPUB",
  pdf: "A PDF",
  docx: "A DOCX",
};

/** Saves a book as one file, or writes it to stdout for `-`; prints the path. */
export async function exportBook(
  runtime: Runtime,
  id: number,
  flags: ExportFlags,
): Promise<number> {
  const { out } = flags;
  const asked = flags.format === undefined ? undefined : [flags.format];
  const named = out === undefined ? undefined : formatOfName(out, asked);
  const format = flags.format ?? named ?? "epub";
  const binary = NOT_TEXT[format];
  if (out === "-" && binary !== undefined && runtime.stdout.isTty) {
    throw new InkwireError("invalid_option", `${binary} is not for a terminal`, {
      hint: commandLine(runtime.env, `export ${id} --format ${format} --out - > book.${format}`),
    });
  }
  await using session = await openSession(runtime, flags);
  const file = await session.books.export(session.owner, id, format);
  if (out === "-") {
    runtime.stdout.write(file.bytes);
    await runtime.stdout.flush();
    return exitCodes.done;
  }
  const path = await save(runtime.cwd, out, file);
  runtime.stdout.write(`${displayPath(runtime, path)}\n`);
  return exitCodes.done;
}

/** A file that was named is replaced, as with any `--out`; a name of ours never takes another file's place. */
async function save(
  cwd: string,
  out: string | undefined,
  file: { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array },
): Promise<string> {
  const target = resolve(cwd, out ?? ".");
  try {
    if (out === undefined || /[\\/]$/.test(out) || (await isDirectory(target))) {
      const [path] = await saveFiles({ directory: target, own: false }, [file]);
      return path ?? target;
    }
    await writeFileSafely(target, file.bytes, { replace: true });
    return target;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw error;
    throw new InkwireError("storage_failed", `There is no folder ${dirname(target)}${sep}`, {
      cause: error,
      hint: `make it first, or give a folder that ends with ${sep} instead of ${basename(target)}`,
    });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
