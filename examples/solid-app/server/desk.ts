// What the form for a new book asks before there is one: who could write it, and what it would take.
import type { TokenVerifier } from "@inkwire/core";
import type { AuthorCandidate, Books } from "@inkwire/core/books";
import { isInkwireError } from "@inkwire/core/protocol";
import { readJson, sendJson, type Handler } from "./json.ts";

interface DeskOptions {
  readonly books: Books | undefined;
  readonly writers: readonly AuthorCandidate[];
  readonly verifier: Pick<TokenVerifier, "verify">;
}

export function createDesk({ books, writers, verifier }: DeskOptions): Handler {
  const ids = new Set<unknown>(["auto", ...writers.map(({ id }) => id)]);
  return async (req, res) => {
    try {
      await verifier.verify(req.headers.authorization?.replace(/^Bearer /i, ""));
    } catch {
      return sendJson(res, 401, { code: "token_invalid", detail: "Sign in again." });
    }
    if (req.url === "/live/desk/authors" && req.method === "GET") {
      const authors = writers.map(({ id, label, reason, chosen }) => ({
        id,
        label,
        reason,
        chosen,
      }));
      return sendJson(res, 200, { authors });
    }
    if (req.url === "/live/desk/estimate" && req.method === "POST") {
      const request = await readJson(req);
      try {
        // An author that nobody may choose is not asked for its price either.
        if (!ids.has(request["author"])) request["author"] = "auto";
        return sendJson(res, 200, { estimate: await books?.estimate(request) });
      } catch (error) {
        if (!isInkwireError(error)) throw error;
        return sendJson(res, 400, { code: error.code, detail: error.message });
      }
    }
    return sendJson(res, 404, { code: "not_found", detail: "There is no such page." });
  };
}
