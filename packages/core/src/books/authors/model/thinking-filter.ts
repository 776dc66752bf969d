/** Takes text in pieces and gives back what of it may be shown so far. */
export interface TextFilter {
  push(text: string): string;
  /** What was held back and turned out to be text. */
  end(): string;
}

export interface ThinkingFilter extends TextFilter {
  /** A block was begun and not (yet) closed. */
  readonly isInside: boolean;
  /**
   * A block was closed that had never been begun: the server's template had begun it, so all the text before was
   * thinking, and it has been passed on already.
   */
  readonly leaked: boolean;
}

/** What models put around their thinking: DeepSeek and Qwen, Claude, Gemma, and what others were taught by them. */
const names = ["think", "thinking", "thought", "reasoning"];
const tag = new RegExp(`<(/?)(?:${names.join("|")})>`, "i");
const tags = names.flatMap((name) => [`<${name}>`, `</${name}>`]);
/** One less than the longest tag, `</reasoning>`. */
const maxHeldChars = 11;

/**
 * Leaves out `<think>…</think>`, `<thinking>…</thinking>` and their like, however the text is cut into pieces. Holds back at
 * most eleven characters, and nothing of a block.
 *
 * @param options.startsInside - the text begins inside a block, as after {@link ThinkingFilter.leaked}. @default false
 */
export function createThinkingFilter(
  options: { readonly startsInside?: boolean } = {},
): ThinkingFilter {
  let inside = options.startsInside ?? false;
  let seenBlock = inside;
  let leaked = false;
  let held = "";

  return {
    get isInside() {
      return inside;
    },
    get leaked() {
      return leaked;
    },
    push(text) {
      // Nearly every piece has no "<" in it.
      if (!inside && held === "" && !text.includes("<")) return text;
      let rest = held + text;
      let shown = "";
      for (let match = tag.exec(rest); match !== null; match = tag.exec(rest)) {
        if (!inside) shown += rest.slice(0, match.index);
        const closes = match[1] === "/";
        if (closes && !inside && !seenBlock) leaked = true;
        inside = !closes;
        seenBlock = true;
        rest = rest.slice(match.index + match[0].length);
      }
      const cut = rest.length - beginningOfTag(rest);
      if (!inside) shown += rest.slice(0, cut);
      held = rest.slice(cut);
      return shown;
    },
    end() {
      const rest = inside ? "" : held;
      held = "";
      return rest;
    },
  };
}

/** How many characters at the end of `text` may be the beginning of a tag. */
function beginningOfTag(text: string): number {
  const start = text.lastIndexOf("<");
  if (start === -1 || text.length - start > maxHeldChars) return 0;
  const end = text.slice(start).toLowerCase();
  return tags.some((whole) => whole.startsWith(end)) ? end.length : 0;
}
