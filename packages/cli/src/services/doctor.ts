import { access, constants, mkdtemp, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { GlobalFlags } from "../commands/flags.js";
import { wantsColor } from "../output/color.js";
import type { Runtime } from "../runtime.js";
import { showsUnicode } from "../views/terminal-look.js";
import { homeDirectory } from "./home-directory.js";
import { SECRET_FILE } from "./secret.js";

/** One thing that was looked at. `broken` is what inkwire can't work without. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "broken";
  readonly detail: string;
  readonly hint?: string;
}

const NEEDED_NODE = [22, 18] as const;
const LOW_SPACE_BYTES = 100 * 1024 * 1024;

export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== "broken");
}

/** Looks at everything that a book needs. Never shows a key, only whether there is one. */
export async function examine(runtime: Runtime, flags: GlobalFlags): Promise<Finding[]> {
  const home = homeDirectory(runtime, flags);
  const { examineAuthors } = await import("./doctor-authors.js");
  return [
    checkNode(process.versions.node),
    checkTerminal(runtime, flags),
    await checkHome(home),
    await checkSpace(home),
    await checkSecret(join(home, SECRET_FILE), runtime.env),
    ...(await examineAuthors(runtime)),
    ...(await examineSharedRedis(runtime)),
  ];
}

/** Nothing where no server would use one. */
async function examineSharedRedis({ env }: Runtime): Promise<Finding[]> {
  const url = env["INKWIRE_REDIS_URL"];
  if (!url) return [];
  const { examineRedis } = await import("./doctor-redis.js");
  return examineRedis(url);
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE;
  const fits = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const detail = `${version}, needed is ${NEEDED_NODE.join(".")} or newer`;
  return fits
    ? { name: "node", state: "ok", detail }
    : {
        name: "node",
        state: "broken",
        detail,
        hint: "install a current Node from https://nodejs.org",
      };
}

function checkTerminal({ env, stderr }: Runtime, flags: GlobalFlags): Finding {
  const { columns, rows } = stderr.stream;
  const color = wantsColor({ noColor: !flags.color, env, isTty: stderr.isTty });
  const detail = [
    stderr.isTty ? `${columns}×${rows}` : "no terminal on stderr: progress is plain lines",
    color ? "colour" : "no colour",
    showsUnicode(env) ? "Unicode" : "ASCII",
  ].join(", ");
  if (env["TERM"] === "dumb") return { name: "terminal", state: "ok", detail: `${detail}, dumb` };
  const small = stderr.isTty && (columns < 40 || rows < 10);
  return small
    ? { name: "terminal", state: "warning", detail, hint: "the live view needs 40×10" }
    : { name: "terminal", state: "ok", detail };
}

export async function checkHome(directory: string): Promise<Finding> {
  const name = "home";
  try {
    const existing = await nearestFolder(directory);
    if (existing !== directory) {
      await access(existing, constants.W_OK | constants.X_OK);
      return { name, state: "ok", detail: `${directory} (made with the first book)` };
    }
    // Permissions don't tell everything: a disk may be read-only.
    await rm(await mkdtemp(join(directory, ".doctor-")), { recursive: true });
    return { name, state: "ok", detail: directory };
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    return {
      name,
      state: "broken",
      detail: `${directory} can't be written (${code})`,
      hint: "check its permissions, or choose another with --home or INKWIRE_HOME",
    };
  }
}

async function checkSpace(directory: string): Promise<Finding> {
  const name = "disk";
  try {
    const { bavail, bsize } = await statfs(await nearestFolder(directory));
    const free = bavail * bsize;
    const detail = `${(free / 1024 ** 3).toFixed(1)} GB free`;
    return free >= LOW_SPACE_BYTES
      ? { name, state: "ok", detail }
      : {
          name,
          state: "warning",
          detail,
          hint: "a book with its drafts takes a few MB; free some space",
        };
  } catch {
    return { name, state: "warning", detail: "free space is not known" };
  }
}

export async function checkSecret(path: string, env: Runtime["env"]): Promise<Finding> {
  const name = "secret";
  if (env["INKWIRE_JWT_SECRET"]) return { name, state: "ok", detail: "from INKWIRE_JWT_SECRET" };
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    return { name, state: "ok", detail: "not made yet, none is needed here" };
  const mode = found.mode & 0o777;
  // Windows has no such modes.
  if (process.platform === "win32" || (mode & 0o077) === 0)
    return { name, state: "ok", detail: path };
  return {
    name,
    state: "broken",
    detail: `${path} can be read by others (mode ${mode.toString(8)})`,
    hint: `chmod 600 ${path}`,
  };
}

async function nearestFolder(directory: string): Promise<string> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (found !== undefined || folder === dirname(folder)) return folder;
  }
}
