import { InkwireError } from "../../../protocol/index.js";
import type { Usage } from "../../types.js";
import type { AuthorCall, ChapterResult, ChapterTask } from "../author.js";
import { createContinuationFilter } from "./continuation-filter.js";
import { createOpeningFilter } from "./opening-filter.js";
import { chapterPrompt, continuedText, continuePrompt } from "./prompts.js";
import { readModel, type ModelSource } from "./read-model.js";
import { createThinkingFilter } from "./thinking-filter.js";
import { addUsage, estimateTokens } from "./usage.js";
import { createWordFilter } from "./word-filter.js";

/** How often a chapter that was cut at the model's length limit is continued. */
const maxContinuations = 4;
/** A chapter that is so many times too long is a model in a loop. */
const maxTimesTooLong = 50;
/** Of a word and its space; generous, for languages with long words. */
const charsPerWord = 8;
/** Below it a chapter is never called too long. */
const minLimitChars = 40_000;

/** What a model is known to do, learnt from one attempt for the next. */
export interface ModelHabits {
  /** Its thinking comes as text that only has an end mark. */
  thinksAloud: boolean;
}

/**
 * Streams one chapter through `call.write`, continued where the model reached its length limit, and resolves only when it
 * came to a proper end.
 */
export async function writeChapter(
  source: ModelSource,
  habits: ModelHabits,
  task: ChapterTask,
  call: AuthorCall,
): Promise<ChapterResult> {
  const { who } = source.errors;
  const prompt = chapterPrompt(task);
  const page = createPage(task, call, who);
  let usage: Usage | undefined;

  for (let continuations = 0; ; continuations++) {
    const before = page.text;
    const thinking = createThinkingFilter({ startsInside: habits.thinksAloud });
    const opening = createOpeningFilter(task.chapter);
    const seam = createContinuationFilter(before);
    const words = createWordFilter();
    const answer = await readModel(source, {
      purpose: before === "" ? "chapter" : "continuation",
      outputTokens: estimateTokens(task.chapter.words * charsPerWord),
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
          throw new InkwireError(
            "output_invalid",
            `${who} sent its thinking as text; it is left out from now on.`,
            {
              retryable: true,
            },
          );
        }
      },
    });
    usage = addUsage(usage, answer.usage);

    // The filters let go of what they held, each through the ones after it.
    page.write(words.push(seam.push(opening.push(thinking.end()))));
    page.write(words.push(seam.push(opening.end())));
    page.write(words.push(seam.end()));
    if (answer.finish === "stop" && !thinking.isInside) {
      page.write(words.end());
      if (page.hasText) return { usage, finishReason: answer.finish };
      throw new InkwireError("output_truncated", `${who} answered with no text at all.`, {
        retryable: true,
      });
    }
    // It did not think aloud this time, and all its text was taken for thinking.
    if (thinking.isInside && habits.thinksAloud) habits.thinksAloud = false;
    words.forgetHalfWord();
    if (continuations === maxContinuations || page.text === before || thinking.isInside) {
      throw new InkwireError(
        "output_truncated",
        `${who} did not bring chapter ${task.chapter.number} to its end.`,
        {
          retryable: true,
          hint: "Fewer words a chapter, or a model with a larger output limit, may help.",
        },
      );
    }
  }
}

/** The chapter as it grows: passed on to the caller, kept for a continuation, and stopped when it runs away. */
function createPage(task: ChapterTask, call: AuthorCall, who: string) {
  const maxChars = Math.max(minLimitChars, task.chapter.words * charsPerWord * maxTimesTooLong);
  let text = "";
  let hasText = false;
  return {
    get text() {
      return text;
    },
    get hasText() {
      return hasText;
    },
    write(piece: string): void {
      if (piece === "") return;
      if (text.length + piece.length > maxChars) {
        throw new InkwireError(
          "output_invalid",
          `${who} wrote over ${maxChars} characters where chapter ${task.chapter.number} has ${task.chapter.words} words: it does not come to an end.`,
        );
      }
      text += piece;
      hasText ||= /\S/.test(piece);
      call.write(piece);
    },
  };
}
