import type { MarkdownIt } from "markdown-it";
import { listHeadings } from "../markdown/headings.js";
import type { CutFile } from "./cut-file.js";
import type { SourcePlace } from "./paths.js";

/**
 * Finds where a place in the source went: `chapter:<number>`, with `#<anchor>` where the heading is still a heading there.
 * Answers `undefined` for a path that is none of the files.
 */
export function createLinkResolver(files: readonly CutFile[], parser: MarkdownIt) {
  const chapterOf = new Map<string, number>();
  const places = new Map<string, string>();
  let number = 0;
  for (const { path, text, headings, sections } of files) {
    chapterOf.set(path, number + 1);
    const lines = text.split("\n");
    for (const { line, endLine, startLine } of sections) {
      number += 1;
      const kept = listHeadings(lines.slice(line, endLine).join("\n"), parser);
      const before = headings.filter((heading) => heading.line >= startLine && heading.line < line);
      const inside = headings.filter((heading) => heading.line >= line && heading.line < endLine);
      for (const { id } of before) places.set(keyOf(path, id), `chapter:${number}`);
      for (const [index, { id }] of inside.entries()) {
        const anchor = kept[index]?.id;
        places.set(
          keyOf(path, id),
          anchor === undefined ? `chapter:${number}` : `chapter:${number}#${anchor}`,
        );
      }
    }
  }

  return ({ path, anchor }: SourcePlace): string | undefined => {
    const file = candidates(path).find((candidate) => chapterOf.has(candidate));
    const chapter = file === undefined ? undefined : chapterOf.get(file);
    if (file === undefined || chapter === undefined) return undefined;
    const place =
      anchor === undefined
        ? undefined
        : (places.get(keyOf(file, anchor)) ?? places.get(keyOf(file, anchor.toLowerCase())));
    return place ?? `chapter:${chapter}`;
  };
}

/** Sites link to the page that is made of a file: `./other`, `./other.html`, `./folder/`. */
function candidates(path: string): string[] {
  const bare = path.replace(/\.html?$/i, "");
  const folder = bare === "" ? "" : `${bare}/`;
  return [path, `${bare}.md`, `${folder}index.md`, `${folder}README.md`];
}

function keyOf(path: string, id: string): string {
  return `${path}\n${id}`;
}
