// The built app, from memory: compressed once, cached as long as its names say, and nothing but it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const HEADERS = {
  // Nothing inline, nothing from elsewhere: a model's text cannot become a script even by a mistake of ours.
  "content-security-policy":
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  vary: "Accept-Encoding",
};

interface File {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly brotli: Buffer | undefined;
}

/** @throws Error if the app was not built yet. */
export function servePages(folder: string): RequestListener {
  if (!existsSync(join(folder, "index.html"))) {
    throw new Error("There is no built app here: run `pnpm build` first, or `pnpm dev`.");
  }
  const files = new Map<string, File>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length).replaceAll("\\", "/"), readPage(path));
  }

  return (req, res) => {
    const [path = "/"] = (req.url ?? "/").split("?");
    // Each page of the app is the same file: what the address means is decided by its router.
    const isPage = extname(path) === "";
    const file = files.get(isPage ? "/index.html" : path);
    if (file === undefined || (req.method !== "GET" && req.method !== "HEAD")) {
      res.writeHead(file === undefined ? 404 : 405, HEADERS).end();
      return;
    }
    const { type, etag, plain, brotli } = file;
    const headers = {
      ...HEADERS,
      etag,
      // A name below /assets has a hash of the contents in it.
      "cache-control": path.startsWith("/assets/")
        ? "public, max-age=31536000, immutable"
        : "no-cache",
    };
    if (req.headers["if-none-match"] === etag) {
      res.writeHead(304, headers).end();
      return;
    }
    const isSmaller = brotli !== undefined && /\bbr\b/.test(req.headers["accept-encoding"] ?? "");
    res.writeHead(200, {
      ...headers,
      "content-type": type,
      ...(isSmaller && { "content-encoding": "br" }),
    });
    res.end(req.method === "HEAD" ? undefined : isSmaller ? brotli : plain);
  };
}

function readPage(path: string): File {
  const plain = readFileSync(path);
  const isText = extname(path) !== ".woff2";
  return {
    type: TYPES[extname(path)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 20)}"`,
    plain,
    brotli: isText ? brotliCompressSync(plain) : undefined,
  };
}
