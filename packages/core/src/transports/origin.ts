import type { RequestLike } from "./admission.js";

/**
 * Whether a page of this origin may open a WebSocket: browsers let every page try, with the cookies and the network place of
 * its reader. Those of the server's own host and those allowed may; who sends no `Origin` is no browser.
 */
export function isOriginAllowed(
  { headers, url }: RequestLike,
  allowed: ReadonlySet<string> | "*",
): boolean {
  const origin = headers.get("origin") ?? "";
  if (origin === "" || allowed === "*" || allowed.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const host = headers.get("host") ?? (URL.canParse(url) ? new URL(url).host : "");
  return host !== "" && new URL(origin).host === host.toLowerCase();
}
