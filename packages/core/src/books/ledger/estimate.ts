import type { Author } from "../authors/author.js";
import { chapterPrompt, outlinePrompt, type Prompt } from "../authors/model/prompts.js";
import { estimateTokens } from "../estimate-tokens.js";
import type { BookRequest, Outline } from "../types.js";
import { languageTokens, thinks } from "./language-tokens.js";
import type { Prices } from "./prices.js";

/** From the least to the most that is likely. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What a book is likely to take, before anything is spent. */
export interface BookEstimate {
  readonly requests: Range;
  readonly inputTokens: Range;
  readonly outputTokens: Range;
  /** `undefined` where the price is not known; 0 where nobody is paid. */
  readonly usd: Range | undefined;
  /** Nobody is paid: no model, or one on this machine. */
  readonly isFree: boolean;
  /** Where the price comes from, for people; `undefined` where it is not known. */
  readonly priceSource: string | undefined;
}

/** Chapters of a plan that are still to be written, and whether the plan is. */
export interface WorkLeft {
  readonly chapters: number;
  readonly outline: boolean;
}

// Models rarely keep to a length: shorter more often than longer.
const wordsLow = 0.75;
const wordsHigh = 1.4;
/** One chapter in four goes on after its limit or is mended once, which costs about half of it again. */
const mendedShare = 0.25;
const mendedCost = 0.5;
/** Thinking that is paid for as output: from hardly any to three times the text. */
const thinkingHigh = 3;
/** Of the request that notes what a chapter settles: its rules, the part of the bible that goes along, and its answer. */
const factsPromptTokens = 350;
const bibleTokens = 500;
const factsLow = 60;
const factsHigh = 600;
const summaryWords = 60;
const outlineWordsPerChapter = 110;

/**
 * How many requests, tokens and dollars a book is likely to take: from the prompts that would really be sent, the length
 * that is asked for, and how many tokens the language takes for a word.
 *
 * @param left - @default all of it
 */
export async function estimateBook(
  request: BookRequest,
  author: Pick<Author, "billings" | "facts" | "notes">,
  prices: Prices,
  left: WorkLeft = { chapters: request.chapters, outline: true },
): Promise<BookEstimate> {
  const billing = author.billings?.[0];
  const none: Range = { low: 0, high: 0 };
  if (billing === undefined) {
    const priceSource = "no language model is used";
    return {
      requests: none,
      inputTokens: none,
      outputTokens: none,
      usd: none,
      isFree: true,
      priceSource,
    };
  }
  const { perWord } = languageTokens(request.language);
  const outline = sampleOutline(request);
  const middle = outline.chapters[Math.floor(outline.chapters.length / 2)];
  const chapterIn =
    middle === undefined ? 0 : sizeOf(chapterPrompt({ request, outline, chapter: middle }));
  const chapterOut = (request.words / request.chapters) * perWord;
  const outlineNotes = left.outline ? author.notes?.forOutline(request) : undefined;
  const outlineIn = left.outline ? sizeOf(outlinePrompt(request, outlineNotes)) : 0;
  const { minChapterBytes = 0, maxChapterBytes = 0 } = author.notes ?? {};
  const promptIn = chapterIn + estimateTokens(maxChapterBytes);
  const outlineOut = left.outline ? request.chapters * outlineWordsPerChapter * perWord : 0;
  const thinking = thinks(billing.model) ? thinkingHigh : 1;
  const more = 1 + mendedShare * mendedCost;

  const noted = author.facts === undefined ? 0 : left.chapters;
  const requests = {
    low: left.chapters + noted + (left.outline ? 1 : 0),
    high: Math.ceil(left.chapters * (1 + mendedShare)) + noted + (left.outline ? 2 : 0),
  };
  const inputTokens = rounded(
    outlineIn +
      left.chapters * (chapterIn + estimateTokens(minChapterBytes)) +
      noted * (chapterOut * wordsLow + factsPromptTokens),
    2 * outlineIn +
      left.chapters * (promptIn + mendedShare * (promptIn + chapterOut)) * 1.3 +
      noted * (chapterOut * wordsHigh + factsPromptTokens + 2 * bibleTokens),
  );
  const outputTokens = rounded(
    0.7 * outlineOut + left.chapters * chapterOut * wordsLow + noted * factsLow,
    (2 * outlineOut + left.chapters * chapterOut * wordsHigh * more + noted * factsHigh) * thinking,
  );
  const tag = await prices.tagOf(billing);
  const cost = (which: keyof Range): number => {
    const count = Math.max(1, requests[which]);
    // A price may depend on the length of one prompt, so it is asked for one request.
    const one = {
      inputTokens: inputTokens[which] / count,
      outputTokens: outputTokens[which] / count,
    };
    return (tag?.cost(one) ?? 0) * count;
  };
  return {
    requests,
    inputTokens,
    outputTokens,
    usd: tag === undefined ? undefined : { low: cost("low"), high: cost("high") },
    isFree: tag?.isFree ?? false,
    priceSource: tag?.source,
  };
}

function rounded(low: number, high: number): Range {
  return { low: Math.ceil(low), high: Math.ceil(high) };
}

function sizeOf({ system, user }: Prompt): number {
  return estimateTokens(system.length + user.length);
}

/** An outline as long as those that models make. */
function sampleOutline({ title, chapters, words }: BookRequest): Outline {
  const summary = "word ".repeat(summaryWords).trim();
  return {
    title,
    premise: summary.slice(0, 150),
    chapters: Array.from({ length: chapters }, (_, index) => ({
      number: index + 1,
      title: "A Title of Some Words",
      summary,
      words: Math.round(words / chapters),
    })),
  };
}
