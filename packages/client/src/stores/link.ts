/**
 * A link that is safe to follow: a path of this site, or an `http(s):` address. `undefined` for any other, such as one
 * that runs a script. `//host` and `/\host` look like paths and are other sites.
 */
export function safeLink(link: unknown): string | undefined {
  if (typeof link !== "string") return undefined;
  // Browsers drop control characters before they look.
  return /^(\/(?![/\\])|https?:\/\/)[^\p{Cc}\s\\]*$/iu.test(link) ? link : undefined;
}
