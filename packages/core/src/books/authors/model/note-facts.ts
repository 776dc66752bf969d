import { factKinds, maxFactsPerChapter } from "../../bible/facts.js";
import type { AuthorCall, FactsTask } from "../author.js";
import { askForObject } from "./answer-json.js";
import { languageName, material, materialRules, type Prompt } from "./prompts.js";
import type { ModelSource } from "./read-model.js";

/** How much of a chapter is shown, in UTF-16 units: a bound for what a long one costs. */
const maxShownChars = 24_000;
/** Twelve short sentences in JSON. */
const outputTokens = 600;

/** Has the model note what a chapter settles for later ones: a small request, as structured data. */
export async function noteFacts(
  source: ModelSource,
  task: FactsTask,
  call: AuthorCall,
): Promise<readonly unknown[]> {
  const { system, user } = factsPrompt(task);
  const { facts } = await askForObject(source, {
    purpose: "facts",
    outputTokens,
    system,
    turns: [{ role: "user", text: user }],
    call,
  });
  return Array.isArray(facts) ? facts : [];
}

/** Asks for the facts of one chapter; those that are known go along, so that the same things keep their names. */
export function factsPrompt({ request, outline, chapter, text, known = [] }: FactsTask): Prompt {
  return {
    system: [
      "You keep the story bible of a book: what its later chapters must not contradict. You answer with one JSON object and nothing else.",
      "",
      "Its shape:",
      `{"facts": [{"kind": ${factKinds.map((kind) => `"${kind}"`).join(" | ")}, "subject": string, "about": string, "fact": string}]}`,
      "",
      "Rules:",
      `- At most ${maxFactsPerChapter} facts, those that matter most later: who is who, where things are, when it is, who knows what, what is promised or left open.`,
      '- "subject" is the name that the book uses. "about" is one word for the side of it, such as age, home, goal or whereabouts; use the same word when something changes.',
      '- "fact" is one short sentence that stands by itself. Only what the chapter says, nothing that it hints at.',
      `- Write in ${languageName(request.language)}.`,
      ...materialRules,
    ].join("\n"),
    user: [
      `[inkwire facts ${chapter.number} of ${outline.chapters.length}]`,
      `Note what chapter ${chapter.number} settles.`,
      "",
      ...(known.length === 0 ? [] : material("Settled by earlier chapters", known.join("\n"))),
      ...material("The chapter", shown(text)),
      "Answer with the JSON object.",
    ].join("\n"),
  };
}

/** The beginning and the end of a long chapter. */
function shown(text: string): string {
  if (text.length <= maxShownChars) return text;
  const half = maxShownChars / 2;
  return `${text.slice(0, half)}\n\n[…]\n\n${text.slice(-half)}`.toWellFormed();
}
