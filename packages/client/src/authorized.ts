import { trouble } from "./trouble.js";

/**
 * `fetch` with a token.
 *
 * @throws InkwireError `server_unreachable`; what the signal of `init` says.
 */
export async function fetchAuthorized(
  // Called as a plain function: a browser's fetch refuses to be a method of something else.
  { base, fetch }: { readonly base: URL; readonly fetch: typeof globalThis.fetch },
  url: URL,
  token: string,
  init: RequestInit,
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  try {
    return await fetch(url, { ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw trouble("server_unreachable", `Nothing answers at ${base.origin}`, cause);
  }
}
