/** A Markdown text without its front matter, and the title that stood in there. */
export interface WithoutFrontMatter {
  readonly title: string | undefined;
  readonly text: string;
}

const BLOCK = /^(---|\+\+\+)[ \t]*\n([^]*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|$)/;
const FIELD = /^["']?[\w.-]+["']?[ \t]*[:=]/;
/** What may follow a field: more of it, indented or a list; a comment; the end of a list or object. */
const CONTINUED = /^(?:[ \t].*|-[ \t].*|-|#.*|[\]}].*)?$/;

/**
 * Takes YAML (`---`) or TOML (`+++`) front matter off the beginning of a text. Text between two thematic breaks looks alike,
 * so every line has to look like front matter; what does not stays in the text.
 */
export function stripFrontMatter(markdown: string): WithoutFrontMatter {
  const match = BLOCK.exec(markdown);
  const lines = match?.[2]?.split("\n") ?? [];
  const fields = lines.filter((line) => FIELD.test(line));
  const isMatter =
    match !== null &&
    FIELD.test(lines.find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "") &&
    lines.every((line) => FIELD.test(line) || CONTINUED.test(line));
  if (!isMatter) return { title: undefined, text: markdown };
  const title = fields
    .map((line) => /^["']?title["']?[ \t]*[:=][ \t]*(.+)$/i.exec(line)?.[1])
    .find(Boolean);
  return {
    title: title === undefined ? undefined : unquote(title.trim()),
    text: markdown.slice(match[0].length),
  };
}

function unquote(value: string): string {
  return /^(["']).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
