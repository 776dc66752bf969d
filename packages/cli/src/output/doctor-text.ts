import type { Finding } from "../services/doctor.js";
import type { Paint } from "./color.js";
import { sanitizeLine } from "./sanitize.js";
import { wrap } from "./text-width.js";

const LEAST_COLUMNS = 20;

/**
 * The page of `doctor`: a line for each finding, with what to do below those that are not well.
 *
 * @param columns - of the terminal: what is longer goes on below where it began. @default as long as it is
 */
export function formatFindings(
  findings: readonly Finding[],
  paint: Paint,
  subject = "inkwire needs",
  columns = Infinity,
): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const indent = " ".repeat(width + 11);
  const below = (text: string, before = 0): string =>
    wrap(sanitizeLine(text), Math.max(LEAST_COLUMNS, columns - indent.length - before)).join(
      `\n${indent}`,
    );
  const marks = {
    ok: paint("green", "ok     "),
    warning: paint("yellow", "warning"),
    broken: paint("red", "broken "),
  };
  const lines = findings.flatMap(({ name, state, detail, hint }) => [
    `${marks[state]}  ${name.padEnd(width)}  ${below(detail)}`,
    ...(hint === undefined
      ? []
      : [`${indent}${paint("cyan", "hint:")} ${below(hint, "hint: ".length)}`]),
  ]);
  const broken = findings.filter(({ state }) => state === "broken").length;
  const verdict =
    broken === 0
      ? `Everything that ${subject} is there.`
      : `${broken} of ${findings.length} checks failed.`;
  return `${[...lines, "", verdict].join("\n")}\n`;
}
