// A login for development: whoever says a name is that person. Yours goes in its place, and the rest stays as it is:
// a session in a cookie that scripts cannot read, and short tokens for the API, fetched when they are needed.
import { createTokenIssuer, createTokenVerifier } from "@inkwire/core";
import { isFromHere, readJson, sendJson, type Handler } from "./json.ts";

interface LoginOptions {
  readonly secret: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} .'-]{0,38}$/u;
const COOKIE = "inkwire_session";
const SESSION_DAYS = 30;

/** @throws Error with NODE_ENV=production, unless DEVELOPMENT_LOGIN=1 says that it is meant. */
export function createLogin({ secret, env }: LoginOptions): Handler {
  if (env["NODE_ENV"] === "production" && env["DEVELOPMENT_LOGIN"] !== "1") {
    throw new Error(
      "The development login lets anybody in under any name, so it refuses to run with NODE_ENV=production. " +
        "Put your login in server/login.ts, or set DEVELOPMENT_LOGIN=1 if this is meant.",
    );
  }
  // Two audiences: a session is no token for the API, and a token is no session.
  const sessions = createTokenIssuer({ secret, audience: "session" });
  const tokens = createTokenIssuer({ secret, audience: "api" });
  const verifier = createTokenVerifier({ secret, audience: "session" });
  const tokenMs = Number(env["TOKEN_SECONDS"] ?? 600) * 1000;
  const cookie = (value: string, seconds: number): string =>
    `${COOKIE}=${value}; Path=/auth; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;

  return async (req, res) => {
    if (req.method !== "POST" || !isFromHere(req)) return sendJson(res, 405, {});
    if (req.url === "/auth/logout") {
      return sendJson(res, 200, {}, { "set-cookie": cookie("", 0) });
    }
    if (req.url === "/auth/login") {
      const { name } = await readJson(req);
      const user = typeof name === "string" ? name.trim().normalize("NFC") : "";
      if (!NAME.test(user)) {
        return sendJson(res, 400, {
          code: "invalid_request",
          detail: "name: up to 39 letters, digits, spaces and . ' -",
        });
      }
      const ttlMs = SESSION_DAYS * 86_400_000;
      const session = await sessions.issue({ userId: userIdOf(user), ttlMs });
      return sendJson(res, 200, { name: user }, { "set-cookie": cookie(session, ttlMs / 1000) });
    }
    if (req.url === "/auth/token") {
      const session = (req.headers.cookie ?? "")
        .split(/;\s*/)
        .find((one) => one.startsWith(COOKIE));
      try {
        const { userId } = await verifier.verify(session?.slice(COOKIE.length + 1));
        return sendJson(res, 200, {
          name: nameOf(userId),
          token: await tokens.issue({ userId, ttlMs: tokenMs }),
        });
      } catch {
        return sendJson(res, 401, { code: "token_missing", detail: "Nobody is signed in." });
      }
    }
    return sendJson(res, 404, { code: "not_found", detail: "There is no such page." });
  };
}

/** Ids are ASCII, names are not: everything else as in an address, with `=` for `%`. */
const userIdOf = (name: string): string =>
  encodeURIComponent(name.toLowerCase()).replaceAll("%", "=").replaceAll("'", "=27");
const nameOf = (userId: string): string =>
  decodeURIComponent(userId.replaceAll("=", "%")).replace(/(?<=^|[ -])\p{L}/gu, (letter) =>
    letter.toUpperCase(),
  );
