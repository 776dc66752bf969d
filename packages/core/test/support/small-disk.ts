import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDirectory } from "./temp-directory.js";

/** A file system of its own with a few hundred kilobytes, that can be filled up. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Uses up all space. */
  fill(): void;
  /** Gives the space back. */
  free(): void;
}

/** Why {@link smallDisk} does not work here, or `undefined`: it needs Linux, and the right to mount. */
export function whyNoSmallDisk(): string | undefined {
  try {
    smallDisk(64)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `no tmpfs can be mounted here (${String(error).split("\n")[0]})`;
  }
}

export function smallDisk(kilobytes: number): SmallDisk {
  const directory = tempDirectory();
  const { path } = directory;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path], {
      stdio: "pipe",
    });
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    fill() {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize), { flag: "a" });
    },
    free: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]() {
      execFileSync("umount", ["-l", path]);
      directory[Symbol.dispose]();
    },
  };
}
