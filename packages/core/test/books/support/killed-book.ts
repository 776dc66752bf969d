import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChapterText } from "../../../src/protocol/index.js";
import type { Usage } from "../../../src/books/types.js";

export interface BookEnd {
  readonly status: string;
  readonly error?: { readonly message: string };
  readonly usage?: Usage;
  readonly texts: readonly string[];
}

export interface BookProcess {
  readonly hasEnded: boolean;
  /** Resolves when it is gone. */
  kill(): Promise<void>;
  end(): Promise<BookEnd>;
}

export interface BookProcessOptions {
  readonly home: string;
  readonly messages: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly chapters: number;
  readonly words: number;
}

/** Starts a process that writes the book of a home, or goes on with it. */
export function startBookProcess(options: BookProcessOptions): BookProcess {
  const hooks = new URL("source-hooks.mjs", import.meta.url).href;
  const program = join(fileURLToPath(new URL(".", import.meta.url)), "model-process.ts");
  const { home, messages, baseUrl, model, chapters, words } = options;
  const args = [program, home, messages, baseUrl, model, `${chapters}`, `${words}`];
  const child: ChildProcess = spawn(process.execPath, ["--import", hooks, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const closed = once(child, "close");
  return {
    get hasEnded() {
      return child.exitCode !== null;
    },
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async end() {
      await closed;
      return JSON.parse(output) as BookEnd;
    },
  };
}

/**
 * The chapters as a reader has them who joined before the first text and stayed: pieces that go back overwrite, and where
 * something is missing, the state is read again, as docs/protocol.md says.
 *
 * @param stateOf - the text of a chapter as storage has it.
 */
export function followMessages(
  file: string,
  stateOf: (chapter: number, length: number) => string,
): Map<number, string> {
  const texts = new Map<number, string>();
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const { chapter, offset, text } = JSON.parse(line) as ChapterText;
    let before = texts.get(chapter) ?? "";
    if (offset > before.length) before = stateOf(chapter, offset);
    texts.set(chapter, before.slice(0, offset) + text);
  }
  return texts;
}
