import type { Auth } from "./connection/types.js";
import { invalid, type ResolvedOptions } from "./options.js";
import { trouble } from "./trouble.js";
import type { Client } from "./types.js";

/** `fetch` with the user's token, below the base and nowhere else. */
export function createRequest(
  { base, fetch }: Pick<ResolvedOptions, "base" | "fetch">,
  auth: Auth,
): Client["request"] {
  return async (path, init = {}) => {
    const url = new URL(path.replace(/^\/+/, ""), base);
    if (!url.href.startsWith(base.href)) throw invalid(`a path below ${base.href}`, path);
    const attempt = async (refresh: boolean): Promise<Response> => {
      const { text } = await auth.token(refresh);
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${text}`);
      try {
        return await fetch(url, { ...init, headers });
      } catch (cause) {
        if (init.signal?.aborted === true) throw cause;
        throw trouble("server_unreachable", `Nothing answers at ${base.origin}`, cause);
      }
    };
    const response = await attempt(false);
    // A body that is a stream is gone after the first time.
    if (response.status !== 401 || init.body instanceof ReadableStream) return response;
    response.body?.cancel().catch(() => undefined);
    return attempt(true);
  };
}
