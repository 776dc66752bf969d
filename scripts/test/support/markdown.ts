import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Every page that people wrote: of the documentation, and the READMEs. */
export function markdownFiles(): string[] {
  const found = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !/node_modules|^api\/|^\.vitepress\//.test(name))
    .map((name) => join(root, "docs", name));
  const readmes = ["packages", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name, "README.md")),
  );
  return [join(root, "README.md"), join(root, "CONTRIBUTING.md"), ...readmes, ...found].filter(
    (path) => existsSync(path),
  );
}

/** The code of a page that is marked as being in `language`. */
export function fences(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1] ?? "",
  );
}
