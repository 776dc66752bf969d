import { createPaint, type Paint } from "../output/color.js";
import { sanitizeText } from "../output/sanitize.js";
import { printable } from "../output/text-width.js";
import { toAscii } from "./ascii.js";

/** The signs that a view is drawn with; each says its meaning without colour. */
export interface Glyphs {
  readonly done: string;
  readonly failed: string;
  readonly stopped: string;
  readonly notice: string;
  readonly retry: string;
  readonly shown: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly gutter: string;
  /** The keys that go up and down. */
  readonly upDown: string;
  readonly barFull: string;
  readonly barHalf: string;
  readonly barEmpty: string;
  readonly spinner: readonly string[];
}

const unicodeGlyphs: Glyphs = {
  done: "✓",
  failed: "✗",
  stopped: "■",
  notice: "›",
  retry: "↻",
  shown: "▸",
  dot: " · ",
  ellipsis: "…",
  gutter: "│",
  upDown: "↑ ↓",
  barFull: "━",
  barHalf: "╸",
  barEmpty: "─",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const asciiGlyphs: Glyphs = {
  done: "+",
  failed: "x",
  stopped: "#",
  notice: ">",
  retry: "~",
  shown: ">",
  dot: " - ",
  ellipsis: "...",
  gutter: "|",
  upDown: "up, down",
  barFull: "=",
  barHalf: ">",
  barEmpty: "-",
  spinner: ["|", "/", "-", "\\"],
};

/** How things look on one terminal. */
export interface TerminalLook {
  readonly paint: Paint;
  readonly glyphs: Glyphs;
  /** Untrusted text as this terminal can show it, on one line. */
  text(untrusted: string): string;
  /** What is there to be copied, such as a path: made harmless, otherwise as it is. */
  exact(untrusted: string): string;
  /** Whether it breaks long lines anew when it gets narrower. */
  readonly reflows: boolean;
}

export interface TerminalLookOptions {
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Chooses signs and colours by what the terminal can show. */
export function createTerminalLook({ color, env }: TerminalLookOptions): TerminalLook {
  const unicode = showsUnicode(env);
  return {
    paint: createPaint(color),
    glyphs: unicode ? unicodeGlyphs : asciiGlyphs,
    text: unicode ? printable : (untrusted) => toAscii(printable(untrusted)),
    exact: (untrusted) => sanitizeText(untrusted).replace(/[\n\t]/g, " "),
    reflows: reflows(env),
  };
}

const SPINNER_MS = 100;

/** The sign of something that is waited for. */
export function spinner(now: number, { glyphs }: TerminalLook): string {
  return glyphs.spinner[Math.floor(now / SPINNER_MS) % glyphs.spinner.length] ?? "";
}

/**
 * Whether the locale is a UTF-8 one. Without any locale it is assumed: that is a container or a service far more often
 * than a terminal that can't. The Linux console has UTF-8 but no font for more than a few hundred signs.
 */
export function showsUnicode(env: TerminalLookOptions["env"]): boolean {
  if (env["TERM"] === "linux") return false;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return locale === "" || /utf-?8/i.test(locale);
}

/** xterm, GNU screen and the Linux console cut lines when they get narrower; nearly all others wrap them. */
function reflows(env: TerminalLookOptions["env"]): boolean {
  if (env["TMUX"]) return true;
  return !env["XTERM_VERSION"] && !env["STY"] && env["TERM"] !== "linux";
}
