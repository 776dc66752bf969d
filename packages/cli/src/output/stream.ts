/**
 * One of the two streams of a command. Writing never throws: a reader that went away (`| head -1`) is a fact that
 * `broken` tells, and everything after it is dropped.
 */
export interface Output {
  readonly stream: NodeJS.WriteStream;
  readonly isTty: boolean;
  /** Why nothing more can be written; EPIPE when the reader went away. */
  readonly broken: NodeJS.ErrnoException | undefined;
  write(data: string | Uint8Array): void;
  /** Resolves when the reader has caught up, or is gone. */
  drained(): Promise<void>;
  /** Calls `listener` once, when the stream breaks; at once if it has. */
  onBroken(listener: (error: NodeJS.ErrnoException) => void): void;
  /** Resolves when all that was written has left the process, or can't. */
  flush(): Promise<void>;
}

/** Wraps `process.stdout` or `process.stderr`. On Linux a pipe is written in the background: mind `drained` and `flush`. */
export function createOutput(stream: NodeJS.WriteStream): Output {
  let broken: NodeJS.ErrnoException | undefined;
  const waiting = new Set<() => void>();
  const breakListeners = new Set<(error: NodeJS.ErrnoException) => void>();
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  stream.on("drain", wake);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (broken !== undefined) return;
    broken = error;
    wake();
    for (const listener of breakListeners) listener(error);
  });
  return {
    stream,
    // Absent where it is a file or pipe, whatever the type says.
    isTty: "isTTY" in stream && stream.isTTY,
    get broken() {
      return broken;
    },
    write(data) {
      if (broken === undefined) stream.write(data);
    },
    drained: () =>
      new Promise((resolve) => {
        if (broken !== undefined || !stream.writableNeedDrain) resolve();
        else waiting.add(resolve);
      }),
    onBroken(listener) {
      if (broken === undefined) breakListeners.add(listener);
      else listener(broken);
    },
    flush: () =>
      new Promise((resolve) => {
        if (broken !== undefined || stream.writableLength === 0) return resolve();
        waiting.add(resolve);
        stream.write("", () => resolve());
      }),
  };
}
