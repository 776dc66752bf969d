import { createTokenIssuer } from "@inkwire/core";
import type { TokenFlags } from "../commands/token.js";
import type { Runtime } from "../runtime.js";
import { homeDirectory } from "./home-directory.js";
import { readOrMakeSecret } from "./secret.js";

/** A token that `inkwire serve` with the same home, or the same `INKWIRE_JWT_SECRET`, accepts. */
export async function issueToken(runtime: Runtime, flags: TokenFlags): Promise<string> {
  const secret = await readOrMakeSecret(homeDirectory(runtime, flags), runtime.env);
  return createTokenIssuer({
    secret,
    issuer: runtime.env["INKWIRE_JWT_ISSUER"] || undefined,
    audience: runtime.env["INKWIRE_JWT_AUDIENCE"] || undefined,
  }).issue({
    userId: flags.user,
    ttlMs: flags.ttl,
    scopes: flags.scope,
    topics: flags.topic,
  });
}
