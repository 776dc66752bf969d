export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours text, or leaves it as it is where colour is not wanted. */
export type Paint = (style: Style, text: string) => string;

// SGR codes to switch on and off (ECMA-48 section 8.3.117).
const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export interface ColorInput {
  /** `--no-color` was given. */
  readonly noColor: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTty: boolean;
}

/**
 * Whether a stream gets colour: `--no-color`, then `FORCE_COLOR`, then `NO_COLOR` and `INKWIRE_NO_COLOR` (not empty),
 * then `TERM=dumb`, then whether it is a terminal.
 *
 * @see https://no-color.org
 */
export function wantsColor({ noColor, env, isTty }: ColorInput): boolean {
  if (noColor) return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  if (env["NO_COLOR"] || env["INKWIRE_NO_COLOR"]) return false;
  return isTty && env["TERM"] !== "dumb";
}

export function createPaint(enabled: boolean): Paint {
  if (!enabled) return (_style, text) => text;
  return (style, text) => {
    const [on, off] = codes[style];
    return `\u001B[${on}m${text}\u001B[${off}m`;
  };
}
