// Fails where a page of the built site links to a heading that is not there: VitePress checks the pages alone.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, posix } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL(".vitepress/dist/", import.meta.url));
const pages = new Map(
  readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => [name.replaceAll("\\", "/"), readFileSync(dist + name, "utf8")]),
);
/** @param {string} html */
const idsOf = (html) => new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
const ids = new Map([...pages].map(([name, html]) => [name, idsOf(html)]));

const broken = [];
let links = 0;
for (const [name, html] of pages) {
  for (const [, href = ""] of html.matchAll(/<a [^>]*?href="([^"]*#[^"]+)"/g)) {
    if (/^[a-z]+:/.test(href)) continue;
    const [path = "", anchor = ""] = href.split("#");
    const target = path.startsWith("/") ? path.slice(1) : posix.join(dirname(name), path);
    const file =
      path === ""
        ? name
        : [`${target}.html`, `${target}index.html`, target].find((one) => pages.has(one));
    links += 1;
    if (!ids.get(file ?? "")?.has(decodeURIComponent(anchor))) broken.push(`${name}: ${href}`);
  }
}
for (const link of new Set(broken)) process.stderr.write(`error: broken link in ${link}\n`);
if (pages.size < 40 || links < 200)
  throw new Error(`Expected a whole site, got ${pages.size} pages and ${links} links`);
process.exit(broken.length > 0 ? 1 : 0);
