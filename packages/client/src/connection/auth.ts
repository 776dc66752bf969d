import { InkwireError } from "@inkwire/core/protocol";
import type { ResolvedOptions } from "../options.js";
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
    let cancel = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(tokenTimeoutMs, () => {
        const error = unavailable(`The token function took over ${tokenTimeoutMs} ms`);
        stop.abort(error);
        reject(error);
      });
    });
    try {
      const text: unknown = await Promise.race([
        typeof source === "string" ? source : source({ refresh, signal: stop.signal }),
        late,
      ]);
      if (typeof text !== "string" || text === "") {
        throw new InkwireError("token_missing", "There is no token: nobody is signed in");
      }
      const token = { text, userId: subjectOf(text) };
      const isOther = newest !== undefined && newest.userId !== token.userId;
      newest = token;
      if (isOther) onUser();
      return token;
    } catch (error) {
      throw error instanceof InkwireError ? error : unavailable("The token function failed", error);
    } finally {
      cancel();
    }
  }

  return {
    get userId() {
      return newest?.userId;
    },
    token(refresh) {
      // One question of a kind at a time: ten requests that meet a 401 ask for one fresh token.
      const running = asked.get(refresh);
      if (running !== undefined) return running;
      const answer = ask(refresh).finally(() => asked.delete(refresh));
      asked.set(refresh, answer);
      return answer;
    },
  };
}

function unavailable(message: string, cause?: unknown): InkwireError {
  return new InkwireError("token_unavailable", message, { retryable: true, cause });
}

/** Whose token it is, read and not verified: it only decides which cursor may go with it. */
function subjectOf(token: string): string | undefined {
  try {
    const [, claims = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(claims.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly sub?: unknown };
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}
