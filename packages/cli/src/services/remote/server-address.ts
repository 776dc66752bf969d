import { InkwireError } from "@inkwire/core/protocol";
import type { GlobalFlags } from "../../commands/flags.js";
import { commandLine } from "../../output/command-line.js";
import type { Runtime } from "../../runtime.js";
import { homeDirectory } from "../home-directory.js";
import { readSecret } from "../secret.js";

/** Where `inkwire serve` listens unless told otherwise. */
export const DEFAULT_SERVER = "http://127.0.0.1:4555";

export type ServerFlags = Pick<GlobalFlags, "home" | "server" | "token">;

export interface ServerAddress {
  readonly url: URL;
  /** A fresh token, or the only one that there is. */
  readonly token: string | (() => Promise<string>);
}

/** The server that was named by a flag or the environment, if any. @throws InkwireError `invalid_option` */
export function namedServer(
  { env }: Pick<Runtime, "env">,
  { server }: ServerFlags,
): URL | undefined {
  const given = server ?? env["INKWIRE_SERVER"];
  return given === undefined || given === "" ? undefined : parseServerUrl(given);
}

export function parseServerUrl(given: string): URL {
  const url = URL.parse(given);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InkwireError(
      "invalid_option",
      `Expected the address of a server such as ${DEFAULT_SERVER}, got ${given}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new InkwireError(
      "invalid_option",
      "Expected the address of a server without a password",
      {
        hint: "give the token with --token or INKWIRE_TOKEN",
      },
    );
  }
  return url;
}

/**
 * The token for a server: `--token`, `INKWIRE_TOKEN`, or for a server on this machine one of the home's own secret, for the
 * owner of the command line's books.
 *
 * @throws InkwireError `token_missing`
 */
export async function addressOf(
  runtime: Runtime,
  flags: ServerFlags,
  url: URL,
): Promise<ServerAddress> {
  const given = flags.token ?? runtime.env["INKWIRE_TOKEN"];
  if (given !== undefined && given !== "") return { url, token: given };
  const secret = isLocal(url)
    ? await readSecret(homeDirectory(runtime, flags), runtime.env)
    : undefined;
  if (secret === undefined) {
    throw new InkwireError("token_missing", `There is no token for ${url.origin}`, {
      hint: `give one with --token or INKWIRE_TOKEN; ${commandLine(runtime.env, "token")} prints one where the server runs`,
    });
  }
  const { createTokenIssuer } = await import("@inkwire/core");
  const issuer = createTokenIssuer({
    secret,
    issuer: runtime.env["INKWIRE_JWT_ISSUER"] || undefined,
    audience: runtime.env["INKWIRE_JWT_AUDIENCE"] || undefined,
  });
  return { url, token: () => issuer.issue({ userId: "local" }) };
}

function isLocal({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
