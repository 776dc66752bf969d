import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type DefaultTheme } from "vitepress";
import llms from "vitepress-plugin-llms";
import { linkRepository } from "./repository-links.js";

const docs = fileURLToPath(new URL("..", import.meta.url));

/** The pages of a folder, in the order of their numbers, under the headings that they have themselves. */
function pages(folder: string, text: string): DefaultTheme.SidebarItem {
  const names = readdirSync(`${docs}${folder}`).filter(
    (name) => name.endsWith(".md") && name !== "README.md" && name !== "index.md",
  );
  const items = names
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((name) => ({
      text: /^# (.+)$/m.exec(readFileSync(`${docs}${folder}/${name}`, "utf8"))?.[1] ?? name,
      link: `/${folder}/${name.slice(0, -3)}`,
    }));
  return { text, items };
}

// As the workflows of a fork know it, too.
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
const repository = server === undefined || name === undefined ? undefined : `${server}/${name}`;

const slugify = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

export default defineConfig({
  title: "inkwire",
  description: "Follow long jobs live and safely.",
  lang: "en",
  cleanUrls: true,
  // Headings have the anchors that GitHub gives them, so that a link holds in both places.
  markdown: {
    languageAlias: { caddyfile: "nginx" },
    anchor: { slugify },
    config: (md) => linkRepository(md, repository),
  },
  // Every folder's index is a README for who reads it in the repository.
  rewrites: { "README.md": "index.md", ":folder/README.md": ":folder/index.md" },
  // Pages link to files of the repository too; scripts/test/docs.test.ts checks that those are there.
  ignoreDeadLinks: [/\.\.\/(examples|packages|scripts|bench)\//, /CONTRIBUTING/],
  // The first page is for people; programs get /llms.txt and /llms-full.txt.
  vite: { plugins: [llms()] },
  themeConfig: {
    search: { provider: "local" },
    outline: "deep",
    nav: [
      { text: "Guide", link: "/guide/1-first-book" },
      { text: "Develop", link: "/develop/1-embedding" },
      { text: "Operations", link: "/operations/" },
      { text: "API", link: "/api/" },
      { text: "Protocol", link: "/protocol" },
      { text: "Why", link: "/why" },
    ],
    sidebar: [
      pages("guide", "In the terminal"),
      pages("develop", "In your own program"),
      pages("recipes", "Recipes"),
      pages("operations", "Operations"),
      pages("reference", "Reference"),
      // Written by docs/api-reference.js before the site is built.
      { ...pages("api", "API"), collapsed: true },
      {
        text: "More",
        items: [
          { text: "When something is wrong", link: "/troubleshooting" },
          { text: "The protocol", link: "/protocol" },
          { text: "Why inkwire, and when not", link: "/why" },
        ],
      },
      { ...pages("decisions", "Decisions"), collapsed: true },
    ],
  },
});
