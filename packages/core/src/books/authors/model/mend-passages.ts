import { estimateTokens } from "../../estimate-tokens.js";
import type { AuthorCall, MendTask } from "../author.js";
import { askForObject } from "./answer-json.js";
import { languageName, material, materialRules, type Prompt } from "./prompts.js";
import type { ModelSource } from "./read-model.js";

/** Has the model write single passages of a finished chapter again, and nothing else of it. */
export async function mendPassages(
  source: ModelSource,
  task: MendTask,
  call: AuthorCall,
): Promise<ReadonlyArray<string | undefined>> {
  const { system, user } = mendPrompt(task);
  const chars = task.passages.reduce((sum, { text }) => sum + text.length, 0);
  const { passages } = await askForObject(source, {
    purpose: "repair",
    outputTokens: estimateTokens(chars) + 100,
    system,
    turns: [{ role: "user", text: user }],
    call,
  });
  const texts = new Map<number, string>();
  for (const one of Array.isArray(passages) ? (passages as readonly unknown[]) : []) {
    const { number, text } = (one ?? {}) as { readonly number?: unknown; readonly text?: unknown };
    if (typeof text === "string") texts.set(Number(number), text);
  }
  return task.passages.map((_, index) => texts.get(index + 1));
}

/** Shows only the passages, with what is wrong in each. */
export function mendPrompt({ request, outline, chapter, passages, known = [] }: MendTask): Prompt {
  return {
    system: [
      "You revise a book. You get passages of one chapter, each with its fault, and write them again without it. You answer with one JSON object and nothing else.",
      "",
      "Its shape:",
      '{"passages": [{"number": integer, "text": string}]}',
      "",
      "Rules:",
      "- One entry for each passage, with its number. Keep what it tells, its voice, its tense and about its length; change no more than the fault asks for.",
      "- A passage that repeats another says something of its own instead, or leads on from it.",
      "- A name that is written wrong gets the one that the book uses. Somebody new stays, if it is plain who it is.",
      `- Write in ${languageName(request.language)}, in Markdown.`,
      ...materialRules,
    ].join("\n"),
    user: [
      `[inkwire mend chapter ${chapter.number} of ${outline.chapters.length}]`,
      "",
      ...material(`The chapter, "${chapter.title}"`, chapter.summary),
      ...(known.length === 0 ? [] : material("Settled by earlier chapters", known.join("\n"))),
      ...passages.flatMap(({ text, fault }, index) => [
        ...material(`Fault of passage ${index + 1}`, fault),
        ...material(`Passage ${index + 1}`, text),
      ]),
      "Answer with the JSON object.",
    ].join("\n"),
  };
}
