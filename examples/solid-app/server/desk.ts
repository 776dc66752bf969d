// What the form for a new book asks before there is one: who could write it.
import type { TokenVerifier } from "@inkwire/core";
import type { AuthorCandidate } from "@inkwire/core/books";
import { sendJson, type Handler } from "./json.ts";

interface DeskOptions {
  readonly writers: readonly AuthorCandidate[];
  readonly verifier: Pick<TokenVerifier, "verify">;
}

export function createDesk({ writers, verifier }: DeskOptions): Handler {
  const authors = writers.map(({ id, label, reason, chosen }) => ({ id, label, reason, chosen }));
  return async (req, res) => {
    try {
      await verifier.verify(req.headers.authorization?.replace(/^Bearer /i, ""));
    } catch {
      return sendJson(res, 401, { code: "token_invalid", detail: "Sign in again." });
    }
    if (req.url === "/live/desk/authors" && req.method === "GET")
      return sendJson(res, 200, { authors });
    return sendJson(res, 404, { code: "not_found", detail: "There is no such page." });
  };
}
