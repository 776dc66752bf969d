import { InkwireError } from "../../../protocol/index.js";
import { estimateTokens } from "../../estimate-tokens.js";
import type { AuthorCall, ChapterResult, ChapterTask } from "../author.js";
import { createContinuationFilter } from "./continuation-filter.js";
import { createOpeningFilter } from "./opening-filter.js";
import { chapterPrompt, continuedText, continuePrompt } from "./prompts.js";
import { readModel, type ModelSource } from "./read-model.js";
import { createThinkingFilter } from "./thinking-filter.js";
import { createWordFilter } from "./word-filter.js";

/** A chapter that is so many times too long is a model in a loop. */
const maxTimesTooLong = 50;
/** Of a word and its space; generous, for languages with long words. */
const charsPerWord = 8;
/** Below it a chapter is never called too long. */
const minLimitChars = 40_000;
/** What even a few closing sentences have. */
const minAnswerChars = 400;

/** What a model is known to do, learnt from one attempt for the next. */
export interface ModelHabits {
  /** Its thinking comes as text that only has an end mark. */
  thinksAloud: boolean;
}

/**
 * Streams one chapter, or what follows `task.soFar` of it, through `call.write`. Resolves with what the model said of its
 * end, and only where it said anything.
 */
export async function writeChapter(
  source: ModelSource,
  habits: ModelHabits,
  task: ChapterTask,
  call: AuthorCall,
): Promise<ChapterResult> {
  const { who } = source.errors;
  const prompt = chapterPrompt(task);
  const before = task.soFar ?? "";
  const page = createPage(task, call, who);
  const thinking = createThinkingFilter({ startsInside: habits.thinksAloud });
  const opening = createOpeningFilter(task.chapter);
  const seam = createContinuationFilter(before);
  const words = createWordFilter();
  const { finish, usage } = await readModel(source, {
    purpose: before === "" ? "chapter" : "continuation",
    outputTokens: estimateTokens(
      Math.max(minAnswerChars, task.chapter.words * charsPerWord - before.length),
    ),
    system: prompt.system,
    turns: [
      { role: "user", text: prompt.user },
      ...(before === ""
        ? []
        : [
            { role: "assistant" as const, text: continuedText(before) },
            { role: "user" as const, text: continuePrompt(task) },
          ]),
    ],
    call,
    onText: (text) => {
      page.write(words.push(seam.push(opening.push(thinking.push(text)))));
      if (thinking.leaked) {
        habits.thinksAloud = true;
        const message = `${who} sent its thinking as text; it is left out from now on.`;
        throw new InkwireError("output_invalid", message, { retryable: true });
      }
    },
  });

  // The filters let go of what they held, each through the ones after it.
  page.write(words.push(seam.push(opening.push(thinking.end()))));
  page.write(words.push(seam.push(opening.end())));
  page.write(words.push(seam.end()));
  if (thinking.isInside) {
    // It did not think aloud this time, and all its text was taken for thinking.
    if (habits.thinksAloud) habits.thinksAloud = false;
    throw noEnd(task, who);
  }
  // Half a word may follow, of which the next part begins with the whole.
  if (finish === "stop") page.write(words.end());
  if (!page.hasText && before === "") {
    if (finish === "length") throw noEnd(task, who);
    throw new InkwireError("output_truncated", `${who} answered with no text at all.`, {
      retryable: true,
    });
  }
  return { usage, finishReason: finish };
}

function noEnd({ chapter }: ChapterTask, who: string): InkwireError {
  return new InkwireError(
    "output_truncated",
    `${who} did not bring chapter ${chapter.number} to its end.`,
    {
      retryable: true,
      hint: "Fewer words a chapter, or a model with a larger output limit, may help.",
    },
  );
}

/** The text as it grows: passed on to the caller, and stopped when it runs away. */
function createPage(task: ChapterTask, call: AuthorCall, who: string) {
  const maxChars = Math.max(minLimitChars, task.chapter.words * charsPerWord * maxTimesTooLong);
  let length = 0;
  let hasText = false;
  return {
    get hasText() {
      return hasText;
    },
    write(piece: string): void {
      if (piece === "") return;
      if (length + piece.length > maxChars) {
        throw new InkwireError(
          "output_invalid",
          `${who} wrote over ${maxChars} characters where chapter ${task.chapter.number} has ${task.chapter.words} words: it does not come to an end.`,
        );
      }
      length += piece.length;
      hasText ||= /\S/.test(piece);
      call.write(piece);
    },
  };
}
