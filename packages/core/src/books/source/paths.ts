/** A place in the source: a file, and perhaps an anchor in it. */
export interface SourcePlace {
  /** Relative to the source's root, with `/`. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/**
 * What a link in the file `from` leads to inside the source; `undefined` for an address with a scheme, a host or a root of its
 * own, and for a path that leaves the source.
 */
export function resolveInSource(from: string, destination: string): SourcePlace | undefined {
  const [, rawPath = "", rawAnchor] = /^([^#]*)(?:#(.*))?$/s.exec(destination) ?? [];
  const anchor = rawAnchor === undefined || rawAnchor === "" ? undefined : decode(rawAnchor);
  const relative = decode(rawPath.replace(/\?.*$/s, ""));
  if (relative === "") return rawPath === "" ? { path: from, anchor } : undefined;
  if (/^(?:[a-z][a-z0-9+.-]*:|[\\/])/i.test(relative) || relative.includes("\0")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of relative.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return { path: parts.join("/"), anchor };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
