import { readFileSync } from "node:fs";
import type { KeySignal } from "../runtime.js";

/** What somebody wants to see who pressed a key while a book is written. */
export type Key = "next" | "previous" | "automatic";

/** The keys of a terminal, while somebody listens. */
export interface Keys {
  /**
   * Calls `listener` for each key that means something, until the function that it gives back is called: that leaves the
   * terminal as it was found. Other keys are swallowed, so that they don't show up in the middle of what is drawn.
   */
  listen(listener: (key: Key) => void): () => void;
}

export interface KeysOptions {
  readonly stdin: NodeJS.ReadStream;
  /** Raises what Ctrl-C, Ctrl-Z and Ctrl-\ raise on a terminal that makes signals of them itself. */
  readonly raise: (signal: KeySignal) => void;
  /** Calls `listener` when the process goes on after it was stopped; gives back how to leave that. */
  readonly onContinue: (listener: () => void) => () => void;
  /** Whether the shell lets this process use the terminal. @default what the system says */
  readonly isForeground?: (() => boolean) | undefined;
}

const MEANINGS: Readonly<Record<string, Key | KeySignal>> = {
  "\u001B[B": "next",
  "\u001BOB": "next",
  "\t": "next",
  j: "next",
  "\u001B[A": "previous",
  "\u001BOA": "previous",
  "\u001B[Z": "previous",
  k: "previous",
  "\u001B": "automatic",
  "\u0003": "SIGINT",
  "\u001A": "SIGTSTP",
  "\u001C": "SIGQUIT",
};

/** A control sequence (ECMA-48 section 5.4), one of the shorter kind, or a character. */
// oxlint-disable-next-line no-control-regex -- it is what keys send
const ONE_KEY = /\u001B\[[0-?]*[ -/]*[@-~]|\u001BO.|[\s\S]/gu;

/**
 * The keys of stdin, or `undefined` where nobody types: it is no terminal, or one that can't give single keys.
 *
 * A terminal that gives single keys makes no signals of them any more. Ctrl-C must stop a book whatever happens, so it is
 * raised here as the signal that it was.
 */
export function openKeys(options: KeysOptions): Keys | undefined {
  const { stdin, raise, onContinue, isForeground = ownsTerminal } = options;
  // Absent where it is a file or pipe, whatever the types say.
  if (!stdin.isTTY || typeof stdin.setRawMode !== "function") return undefined;
  return {
    listen(listener) {
      let reading = false;
      const take = (data: Buffer | string): void => {
        // A key that is held down, or a busy process, brings several at once.
        for (const [sequence] of data.toString().matchAll(ONE_KEY)) {
          const meaning = MEANINGS[sequence];
          if (meaning === "next" || meaning === "previous" || meaning === "automatic") {
            listener(meaning);
          } else if (meaning !== undefined) {
            if (meaning === "SIGTSTP") stop();
            raise(meaning);
          }
        }
      };
      // A terminal that goes away ends the process by a signal; this is only how it is heard of here.
      const ignore = (): void => {};
      const start = (): void => {
        // The system stops a process in the background that touches the terminal.
        if (reading || !isForeground()) return;
        reading = true;
        stdin.on("error", ignore).on("data", take);
        stdin.setRawMode(true);
        stdin.resume();
      };
      const stop = (): void => {
        if (!reading) return;
        reading = false;
        stdin.off("data", take);
        stdin.pause();
        if (isForeground()) stdin.setRawMode(false);
        stdin.off("error", ignore);
      };
      const leave = onContinue(() => {
        // The shell has given the terminal its own settings in the meantime.
        stop();
        start();
      });
      start();
      return () => {
        leave();
        stop();
      };
    },
  };
}

/** Linux tells the group that has the terminal; elsewhere a command that was put into the background is not known. */
function ownsTerminal(): boolean {
  if (process.platform !== "linux") return true;
  try {
    // proc_pid_stat(5): after the name in brackets state, ppid, pgrp, session, tty_nr, tpgid.
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , , owner] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === owner;
  } catch {
    return true;
  }
}
