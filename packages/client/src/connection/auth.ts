import { InkwireError } from "@inkwire/core/protocol";
import type { ResolvedOptions } from "../options.js";
import { trouble } from "../trouble.js";
import type { Auth, Token } from "./types.js";

/** @param onUser - told when a token is of another user than the one before. */
export function createAuth(
  {
    token: source,
    tokenTimeoutMs,
    clock,
  }: Pick<ResolvedOptions, "token" | "tokenTimeoutMs" | "clock">,
  onUser: () => void,
): Auth {
  let newest: Token | undefined;
  const asked = new Map<boolean, Promise<Token>>();

  async function ask(refresh: boolean): Promise<Token> {
    const stop = new AbortController();
    let cancel: (() => void) | undefined;
    try {
      const text = await Promise.race([
        typeof source === "string" ? source : source({ refresh, signal: stop.signal }),
        new Promise<never>((_resolve, reject) => {
          cancel = clock.after(tokenTimeoutMs, () => {
            stop.abort();
            reject(trouble("token_unavailable", `No token within ${tokenTimeoutMs} ms`));
          });
        }),
      ]);
      if (typeof text !== "string" || text === "") {
        throw new InkwireError("token_missing", "Nobody is signed in");
      }
      const before = newest;
      newest = { text, userId: subjectOf(text) };
      if (before !== undefined && before.userId !== newest.userId) onUser();
      return newest;
    } catch (thrown) {
      throw thrown instanceof InkwireError
        ? thrown
        : trouble("token_unavailable", "The token function failed", thrown);
    } finally {
      cancel?.();
    }
  }

  return {
    get userId() {
      return newest?.userId;
    },
    token(refresh) {
      // One question of a kind at a time: ten requests that meet a 401 ask for one fresh token.
      let answer = asked.get(refresh);
      if (answer === undefined) {
        answer = ask(refresh).finally(() => asked.delete(refresh));
        asked.set(refresh, answer);
      }
      return answer;
    },
  };
}

/** Whose token it is, read and not verified: it only decides which cursor may go with it. */
function subjectOf(token: string): string | undefined {
  try {
    const claims = token.split(".")[1]?.replace(/-/g, "+").replace(/_/g, "/") ?? "";
    const { sub } = JSON.parse(atob(claims)) as { readonly sub?: unknown };
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}
