import { fetchAuthorized } from "./authorized.js";
import type { Auth } from "./connection/types.js";
import { invalid, type ResolvedOptions } from "./options.js";
import type { Client } from "./types.js";

/** `fetch` with the user's token, below the base and nowhere else. */
export function createRequest(
  options: Pick<ResolvedOptions, "base" | "fetch">,
  auth: Auth,
): Client["request"] {
  const { href } = options.base;
  return async (path, init = {}) => {
    const url = new URL(path.replace(/^\/+/, ""), href);
    if (!url.href.startsWith(href)) throw invalid(`a path below ${href}`, path);
    const attempt = async (refresh: boolean): Promise<Response> =>
      fetchAuthorized(options, url, (await auth.token(refresh)).text, init);
    const response = await attempt(false);
    // A body that is a stream is gone after the first time.
    if (response.status !== 401 || init.body instanceof ReadableStream) return response;
    response.body?.cancel().catch(() => undefined);
    return attempt(true);
  };
}
