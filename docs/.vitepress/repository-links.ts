import { posix } from "node:path";
import type { MarkdownRenderer } from "vitepress";

/**
 * Links that lead out of `docs` lead nowhere on the site. Where the repository's name is known they lead there; elsewhere
 * they are no links.
 *
 * @param repository - its address, such as `https://github.com/ada/inkwire`.
 */
export function linkRepository(md: MarkdownRenderer, repository: string | undefined): void {
  md.core.ruler.push("repository_links", ({ tokens, env }) => {
    const { relativePath = "" } = env as { relativePath?: string };
    for (const { children } of tokens) {
      let isDropped = false;
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const target = outside(token.attrGet("href") ?? "", relativePath);
          isDropped = target !== undefined && repository === undefined;
          if (target !== undefined) token.attrSet("href", `${repository}/blob/main/${target}`);
        }
        if (isDropped && token.type.startsWith("link_")) {
          isDropped = token.type === "link_open";
          token.type = "text";
          token.tag = "";
          token.nesting = 0;
          token.content = "";
        }
      }
    }
  });
}

/** The path from the root of the repository, of a link that leads out of the folder of the documentation. */
function outside(href: string, page: string): string | undefined {
  if (!href.startsWith(".")) return undefined;
  const target = posix.join("docs", posix.dirname(page), href);
  return target.startsWith("docs/") ? undefined : target;
}
