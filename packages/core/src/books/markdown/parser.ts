import createMarkdownIt, { type MarkdownIt } from "markdown-it";
import { quotesOf } from "./quotes.js";

/**
 * The one dialect of every book: CommonMark with tables, strikethrough and bare links, and no raw HTML, which is shown as the
 * text that it is. The output is valid XHTML.
 *
 * Straight quotes become those of the language. The other typographic replacements stay off: they turn a list's `(c)` into a
 * copyright sign and `--option` into a dash.
 *
 * @param language - BCP 47, for the quotes. @default "en"
 */
export function createMarkdownParser(language = "en"): MarkdownIt {
  const markdown = new createMarkdownIt({
    html: false,
    xhtmlOut: true,
    typographer: true,
    linkify: true,
    quotes: quotesOf(language),
  });
  markdown.disable("replacements");
  // Only what says its scheme: a bare `readme.md` is a file name, not a host in Moldova.
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  // The renderer decides on its own what a link may lead to; here, nothing may vanish from the text.
  markdown.validateLink = () => true;
  keepFootnotes(markdown);
  return markdown;
}

/** `[^1]: word` would be taken for the definition of a link and its word would be lost; so it stays a paragraph. */
function keepFootnotes(markdown: MarkdownIt): void {
  // The last block rule takes what no other wanted: it makes the paragraphs.
  const paragraph = markdown.block.ruler.getRules("").at(-1);
  markdown.block.ruler.before("reference", "footnote", (state, start, end, silent) => {
    const first = (state.bMarks[start] ?? 0) + (state.tShift[start] ?? 0);
    return state.src.startsWith("[^", first) && paragraph?.(state, start, end, silent) === true;
  });
}
