// One file serves a page, the client that the page loads, and the books that it follows.
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createTokenIssuer } from "@inkwire/core";
import { createAuthors } from "@inkwire/core/books";
import { createInkwire } from "@inkwire/core/server";

const secret = process.env["INKWIRE_JWT_SECRET"] ?? randomBytes(32);
const issuer = createTokenIssuer({ secret });
const inkwire = await createInkwire({
  auth: { secret },
  home: process.env["INKWIRE_HOME"] ?? "./data",
  books: { authors: createAuthors({ env: process.env }) },
});

// The client as it was published, chunks and all: browsers load it without a build.
const client = new URL(".", import.meta.resolve("@inkwire/client"));
const scripts = readdirSync(client).filter((name) => name.endsWith(".js"));
const files = new Map(
  scripts.map((name) => [`/client/${name}`, readFileSync(new URL(name, client))]),
);
files.set("/", readFileSync(new URL("index.html", import.meta.url)));

const server = createServer((req, res) => {
  const [path = ""] = (req.url ?? "").split("?");
  const file = files.get(path);
  if (file !== undefined) {
    res.setHeader("Content-Type", path === "/" ? "text/html" : "text/javascript").end(file);
  } else if (path === "/token") {
    // Everybody is the same reader here. Your login goes in this place.
    void issuer.issue({ userId: "reader" }).then((token) => res.end(token));
  } else inkwire.listener(req, res);
});
server.on("upgrade", (req, socket, head) => inkwire.upgrade(req, socket, head) || socket.destroy());
server.listen(Number(process.env["PORT"] ?? 4555), "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.once("SIGTERM", () => void inkwire.drain().finally(() => process.exit()));
