import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text as readStream } from "node:stream/consumers";
import { InkwireError } from "@inkwire/core/protocol";
import type { GlobalFlags } from "../commands/flags.js";
import { exitCodes } from "../output/exit-codes.js";
import type { Runtime } from "../runtime.js";
import { canAsk } from "./ask.js";
import { tellChange } from "./chapter-versions.js";
import { openSession } from "./session.js";

/**
 * `inkwire chapter edit`: the new text comes from a file, from stdin, or from the user's editor.
 *
 * @returns the exit code.
 */
export async function editChapter(
  runtime: Runtime,
  book: number,
  chapter: number,
  flags: GlobalFlags & { readonly file?: string; readonly title?: string },
): Promise<number> {
  await using session = await openSession(runtime, flags);
  const { books, owner } = session;
  const before = await books.chapter(owner, book, chapter);
  const text =
    flags.file === undefined
      ? flags.title === undefined
        ? await editInEditor(runtime, before.text)
        : undefined
      : await readNewText(runtime, flags.file);
  if (text !== undefined && text.trim() === before.text.trim() && flags.title === undefined) {
    runtime.stderr.write("Nothing was changed\n");
    return exitCodes.done;
  }
  const change = await books.versions.edit(owner, book, chapter, { text, title: flags.title });
  tellChange(runtime, book, chapter, change);
  return exitCodes.done;
}

async function readNewText(runtime: Runtime, path: string): Promise<string> {
  if (path === "-") return readStream(runtime.stdin);
  try {
    return await readFile(resolve(runtime.cwd, path), "utf8");
  } catch (error) {
    throw new InkwireError("source_unreadable", `${path} can't be read.`, { cause: error });
  }
}

/** @throws InkwireError `invalid_option` where there is no editor, or no terminal for it. */
async function editInEditor(runtime: Runtime, text: string): Promise<string> {
  const editor = runtime.env["VISUAL"] || runtime.env["EDITOR"];
  if (editor === undefined || editor === "" || !canAsk(runtime)) {
    throw new InkwireError("invalid_option", "There is no editor to open the chapter in.", {
      hint: "set EDITOR on a terminal, or give the new text with --file",
    });
  }
  const folder = await mkdtemp(join(tmpdir(), "inkwire-edit-"));
  const file = join(folder, "chapter.md");
  try {
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    // EDITOR may hold arguments, so a shell takes it apart; the path is a word of its own, never a part of the command.
    const child =
      process.platform === "win32"
        ? spawn(editor, [`"${file}"`], { stdio: "inherit", shell: true })
        : spawn("/bin/sh", ["-c", `${editor} "$1"`, "inkwire", file], { stdio: "inherit" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) {
      throw new InkwireError(
        "aborted",
        `The editor ended with ${code ?? "a signal"}; nothing was changed.`,
      );
    }
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
