import type { MarkdownIt } from "markdown-it";
import { scanMarkdown } from "../markdown/scan.js";

/**
 * Gives each part of what was one text the link definitions (`[label]: address`) that it uses and that stand in another part,
 * at its end, where nobody sees them.
 */
export function borrowDefinitions(parts: readonly string[], parser: MarkdownIt): string[] {
  if (parts.length < 2) return [...parts];
  const own = parts.map((part) => definitionsIn(part, parser));
  const all = new Map(own.toReversed().flatMap((definitions) => Array.from(definitions)));
  if (all.size === 0) return [...parts];
  return parts.map((part, index) => {
    const used = new Set<string>();
    for (const [, label = ""] of part.matchAll(/\[([^[\]\n]{1,999})\]/g))
      used.add(normalize(label));
    const missing = Array.from(used).filter(
      (label) => all.has(label) && own[index]?.has(label) !== true,
    );
    return missing.length === 0
      ? part
      : `${part}\n\n${missing.map((label) => all.get(label) ?? "").join("\n")}`;
  });
}

function definitionsIn(text: string, parser: MarkdownIt): Map<string, string> {
  const definitions = new Map<string, string>();
  for (const { kind, start, end, labelStart, labelEnd } of scanMarkdown(text, parser)) {
    const label = normalize(text.slice(labelStart, labelEnd));
    if (kind === "definition" && !definitions.has(label))
      definitions.set(label, text.slice(start, end).trim());
  }
  return definitions;
}

function normalize(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase();
}
