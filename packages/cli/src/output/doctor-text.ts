import type { Finding } from "../services/doctor.js";
import type { Paint } from "./color.js";
import { sanitizeLine } from "./sanitize.js";

/** The page of `doctor`: a line for each finding, with what to do below those that are not well. */
export function formatFindings(
  findings: readonly Finding[],
  paint: Paint,
  subject = "inkwire needs",
): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const marks = {
    ok: paint("green", "ok     "),
    warning: paint("yellow", "warning"),
    broken: paint("red", "broken "),
  };
  const lines = findings.flatMap(({ name, state, detail, hint }) => [
    `${marks[state]}  ${name.padEnd(width)}  ${sanitizeLine(detail)}`,
    ...(hint === undefined
      ? []
      : [`${" ".repeat(width + 11)}${paint("cyan", "hint:")} ${sanitizeLine(hint)}`]),
  ]);
  const broken = findings.filter(({ state }) => state === "broken").length;
  const verdict =
    broken === 0
      ? `Everything that ${subject} is there.`
      : `${broken} of ${findings.length} checks failed.`;
  return `${[...lines, "", verdict].join("\n")}\n`;
}
