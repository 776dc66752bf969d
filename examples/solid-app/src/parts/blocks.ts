// As much Markdown as books are made of, as values and never as HTML: a model's text cannot become anything but text.

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "quote"; readonly blocks: readonly string[] }
  | { readonly kind: "list"; readonly start: number | undefined; readonly items: readonly string[] }
  | {
      readonly kind: "table";
      readonly head: readonly string[];
      /** By column: set to the right, as numbers are. */
      readonly isNumeric: readonly boolean[];
      readonly rows: readonly string[][];
    }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" };

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong"; readonly inside: readonly Inline[] }
  | { readonly kind: "em"; readonly inside: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly inside: readonly Inline[] };

/**
 * The text in pieces between blank lines. A text that grows changes its last piece and adds more: all the others are equal
 * to what they were, so that nothing on the page is made anew.
 */
export function splitBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: string | undefined;
  const close = (): void => {
    if (lines.length > 0) blocks.push(lines.join("\n"));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      lines.push(line);
      if (mark !== undefined && mark.startsWith(fence)) {
        fence = undefined;
        close();
      }
    } else if (mark !== undefined) {
      close();
      fence = mark;
      lines.push(line);
    } else if (line.trim() === "") close();
    else if (/^#{1,6} /.test(line)) {
      close();
      blocks.push(line);
    } else lines.push(line);
  }
  close();
  return blocks;
}

const ITEM = /^ {0,3}(?:[-*+]|(\d{1,9})[.)])[ \t]+/;

export function parseBlock(source: string): Block {
  const lines = source.split("\n");
  const [first = ""] = lines;
  const heading = /^(#{1,6}) +(.*?)(?: +#+)?$/.exec(first);
  if (heading !== null)
    return { kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" };
  if (/^ {0,3}(`{3,}|~{3,})/.test(first)) {
    const isClosed = lines.length > 1 && /^ {0,3}(`{3,}|~{3,})\s*$/.test(lines.at(-1) ?? "");
    return { kind: "code", text: lines.slice(1, isClosed ? -1 : undefined).join("\n") };
  }
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(source)) return { kind: "rule" };
  if (first.startsWith(">")) {
    return {
      kind: "quote",
      blocks: splitBlocks(lines.map((line) => line.replace(/^> ?/, "")).join("\n")),
    };
  }
  if (/^ *\|?[-: |]+\|[-: |]*$/.test(lines[1] ?? "")) {
    const [head = [], marks = [], ...rows] = lines.map(cells);
    return { kind: "table", head, isNumeric: marks.map((mark) => /^-+:$/.test(mark)), rows };
  }
  const item = ITEM.exec(first);
  if (item !== null) {
    const items: string[] = [];
    for (const line of lines) {
      if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
      else items.push(`${items.pop() ?? ""} ${line.trim()}`);
    }
    return { kind: "list", start: item[1] === undefined ? undefined : Number(item[1]), items };
  }
  return { kind: "paragraph", text: source };
}

const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** Escaped marks · code · strong · emphasis · links, in this order at each place. Whatever is not closed is text. */
const MARKS =
  /\\([!-/:-@[-`{-~])|(`+)(.+?)\2(?!`)|(\*\*|__)(?=\S)(.+?\S|\S)\4|(\*|_)(?=\S)(?!\6)(.+?\S|\S)\6(?!\w)|!?\[([^\]]*)\]\(([^\s)]*)[^)]*\)/su;
/** Nobody nests deeper, and nothing is parsed without an end. */
const MAX_DEPTH = 6;

export function parseInline(source: string, depth = 0): readonly Inline[] {
  const nodes: Inline[] = [];
  let plain = "";
  let rest = source;
  const push = (node: Inline): void => {
    if (plain !== "") nodes.push({ kind: "text", text: plain });
    plain = "";
    nodes.push(node);
  };
  for (;;) {
    const found = depth > MAX_DEPTH ? null : MARKS.exec(rest);
    if (found === null) break;
    const [whole, escaped, , code, , strong, , em, label, href] = found;
    plain += rest.slice(0, found.index);
    rest = rest.slice(found.index + whole.length);
    if (escaped !== undefined) plain += escaped;
    else if (code !== undefined) push({ kind: "code", text: code });
    else if (strong !== undefined) push({ kind: "strong", inside: parseInline(strong, depth + 1) });
    else if (em !== undefined) push({ kind: "em", inside: parseInline(em, depth + 1) });
    else push({ kind: "link", href: href ?? "", inside: parseInline(label ?? "", depth + 1) });
  }
  plain += rest;
  if (plain !== "") nodes.push({ kind: "text", text: plain });
  return nodes;
}
