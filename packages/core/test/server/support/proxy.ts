import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/free-port.js";
import { tempDirectory } from "../../support/temp-directory.js";

/** A real proxy in front of a server. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** All that it has logged. */
  log(): string;
}

const PATH = [process.env["PATH"], "/usr/sbin", "/usr/local/sbin"].join(delimiter);

export function isInstalled(name: string, flag: string): boolean {
  return spawnSync(name, [flag], { env: { PATH }, stdio: "ignore" }).status === 0;
}

/** The first fenced block of a language in a page of the documentation. */
export function snippetOf(page: URL, language: string): string {
  const [, snippet] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(
    readFileSync(page, "utf8"),
  )!;
  return snippet!;
}

/** Replaces what has to be there: a page that says something else is no longer what is tested. */
export function replaceAll(text: string, pairs: ReadonlyArray<readonly [string, string]>): string {
  return pairs.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`The documentation does not say ${from} any more`);
    return changed.replaceAll(from, to);
  }, text);
}

/** @param config - of the context `http`, for this port and this folder. */
export async function startNginx(config: (port: number, folder: string) => string): Promise<Proxy> {
  return start("nginx", (port, folder) => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
      .join("\n");
    const file = join(folder, "nginx.conf");
    writeFileSync(
      file,
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http { access_log ${folder}/access.log;
${temporary}
${config(port, folder)} }`,
    );
    return ["-c", file, "-p", folder, "-e", `${folder}/error.log`];
  });
}

/** @param config - the block of a site, for this port and this folder. */
export async function startCaddy(config: (port: number, folder: string) => string): Promise<Proxy> {
  return start("caddy", (port, folder) => {
    const file = join(folder, "Caddyfile");
    writeFileSync(
      file,
      `{
  admin off
  auto_https off
}
${config(port, folder)}`,
    );
    return ["run", "--config", file, "--adapter", "caddyfile"];
  });
}

async function start(
  command: string,
  argsFor: (port: number, folder: string) => readonly string[],
): Promise<Proxy> {
  const folder = tempDirectory();
  mkdirSync(join(folder.path, "log"));
  const port = await freePort();
  const child = spawn(command, argsFor(port, folder.path), {
    env: { PATH, HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => (said += data.toString()));
  }
  const ended = once(child, "close");
  const url = `http://127.0.0.1:${port}`;
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder.path, name), "utf8");
    } catch {
      return "";
    }
  };
  const log = () =>
    [
      said,
      ...["access.log", "error.log", "log/inkwire.log", "log/inkwire-error.log"].map(read),
    ].join("\n");
  const close = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 2_000);
    await ended;
    clearTimeout(timer);
    folder[Symbol.dispose]();
  };
  const until = Date.now() + 20_000;
  for (;;) {
    const isUp = await fetch(`${url}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isUp) return { url, log, [Symbol.asyncDispose]: close };
    if (child.exitCode !== null || Date.now() > until) {
      const all = log();
      await close();
      throw new Error(`${command} does not serve:\n${all}`);
    }
    await sleep(50);
  }
}
