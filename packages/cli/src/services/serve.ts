import { createInkwire, type InkwireOptions } from "@inkwire/core/server";
import type { ServeFlags } from "../commands/serve.js";
import { commandLine } from "../output/command-line.js";
import { exitCodes } from "../output/exit-codes.js";
import type { Runtime } from "../runtime.js";
import { openAuthors, openPrices } from "./authors.js";
import { homeDirectory } from "./home-directory.js";
import { readOrMakeSecret } from "./secret.js";
import { createServerLog } from "./server-log.js";
import { createStopper } from "./stopper.js";

/**
 * `inkwire serve`: until a signal says to stop, then until everybody has left and books are at a checkpoint.
 *
 * @returns the exit code: 0 after a drain.
 */
export async function serve(runtime: Runtime, flags: ServeFlags): Promise<number> {
  const home = homeDirectory(runtime, flags);
  const log = createServerLog(runtime, flags.logLevel);
  const tidy = async (): Promise<void> => log.flush();
  // From the first moment on: a signal during the start is none that is lost.
  using stopper = createStopper({ runtime, tidy });
  const redis = redisOptions(runtime, flags);
  await using inkwire = await createInkwire({
    ...(redis === undefined ? { home } : { redis }),
    auth: await authOptions(runtime, flags, home),
    books: {
      authors: openAuthors(runtime),
      allowedAuthors: flags.authors,
      prices: openPrices(runtime),
      coherence: runtime.env["INKWIRE_COHERENCE"] !== "off",
    },
    connections: { drainMs: flags.drain, queryToken: flags.queryToken },
    cors: flags.cors === undefined ? undefined : { origins: flags.cors },
    trustProxy: flags.trustProxy,
    logger: log.logger,
  });
  if (redis !== undefined && flags.jwks === undefined && !runtime.env["INKWIRE_JWT_SECRET"]) {
    log.logger.warn(
      { home },
      "tokens are checked with the secret of this home: others need the same",
    );
  }
  const { url } = await inkwire.listen({ port: flags.port, host: flags.host });
  runtime.stdout.write(`${url}\n`);
  if (runtime.stderr.isTty) sayWhatNext(runtime, flags, url, redis !== undefined);
  await new Promise<void>((resolve) => stopper.onStop(() => resolve()));
  if (runtime.stderr.isTty) {
    const { total } = inkwire.connections.counts;
    const who =
      total === 0
        ? ""
        : ` ${total} ${total === 1 ? "client is" : "clients are"} told when to come back;`;
    runtime.stderr.write(
      `Draining:${who} books reach a checkpoint. Ctrl-C again to stop at once\n`,
    );
  }
  await inkwire.drain();
  log.flush();
  return exitCodes.done;
}

async function authOptions(
  { env }: Runtime,
  flags: ServeFlags,
  home: string,
): Promise<InkwireOptions["auth"]> {
  const expected = {
    issuer: env["INKWIRE_JWT_ISSUER"] || undefined,
    audience: env["INKWIRE_JWT_AUDIENCE"] || undefined,
  };
  return flags.jwks === undefined
    ? { ...expected, secret: await readOrMakeSecret(home, env) }
    : { ...expected, jwksUrl: flags.jwks };
}

/** By the flag, else by the environment, which a list of processes does not show. */
export function redisOptions(
  { env }: Runtime,
  flags: Pick<ServeFlags, "redis" | "redisPrefix">,
): Exclude<InkwireOptions["redis"], string> {
  const url = flags.redis ?? (env["INKWIRE_REDIS_URL"] || undefined);
  return url === undefined ? undefined : { url, prefix: flags.redisPrefix };
}

function sayWhatNext(runtime: Runtime, flags: ServeFlags, url: string, isShared: boolean): void {
  const own = (words: string) => commandLine(runtime.env, words);
  const lines = [
    isShared
      ? `Serving the books of a Redis, together with other servers, at ${url}`
      : `Serving the books of this home at ${url}`,
    ...(flags.jwks === undefined
      ? [`  a token:   ${own("token --user 42")}`, `  look in:   ${own(`watch --server ${url}`)}`]
      : []),
    `  examine:   ${own(`doctor ${url}`)}`,
    "Ctrl-C stops it: clients are told when to come back, and books go on with the next start.",
  ];
  runtime.stderr.write(`${lines.join("\n")}\n`);
}
