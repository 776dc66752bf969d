import type { BookStatus, WireError } from "../protocol/index.js";
import type { BibleFact } from "./bible/facts.js";
import type { BookLedger } from "./ledger/types.js";
import type { Repair } from "./repair.js";

/** What somebody asked for, checked and filled: see `parseBookRequest`. */
export interface BookRequest {
  readonly title: string;
  /** What it is about, for whom, in which voice. */
  readonly brief: string;
  /** 1 to 200. */
  readonly chapters: number;
  /** Target for the whole book. */
  readonly words: number;
  /** BCP 47, such as `en` or `pt-BR`. */
  readonly language: string;
  /** `offline`, `markdown`, or `<provider>:<model>` such as `openai:gpt-5`. */
  readonly author: string;
  /** The person on the title page, if any. */
  readonly byline?: string | undefined;
  /** Stop before the book costs more, in USD; a book that stopped so is resumed with a higher limit. @default no limit */
  readonly maxCostUsd?: number | undefined;
  /** The same in tokens, in and out. @default no limit */
  readonly maxTokens?: number | undefined;
}

export interface OutlineChapter {
  /** 1-based, without holes. */
  readonly number: number;
  readonly title: string;
  /** What happens or is explained, a few sentences. */
  readonly summary: string;
  /** Target length. */
  readonly words: number;
  /** How things stand when it begins, and when it ends: what lets chapters be written side by side. */
  readonly entry?: string | undefined;
  readonly exit?: string | undefined;
  /** Numbers of earlier chapters whose text it rests on: it waits for them. @default those that stand three or more before */
  readonly after?: readonly number[] | undefined;
}

export interface Outline {
  readonly title: string;
  /** One or two sentences on the whole. */
  readonly premise: string;
  readonly chapters: readonly OutlineChapter[];
  /** Who made it, where that is not the book's author: a model's outline that was of no use is planned offline. */
  readonly madeBy?: string | undefined;
  /** What planning it took. */
  readonly usage?: Usage | undefined;
  /** What had to be mended in it. */
  readonly repairs?: readonly Repair[] | undefined;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The part of `inputTokens` that the provider had in its cache. */
  readonly cachedTokens?: number | undefined;
  /** The provider did not say; counted from the text. */
  readonly estimated: boolean;
}

/** A finished chapter: what its checkpoint holds. */
export interface Chapter {
  readonly number: number;
  readonly title: string;
  /** Markdown without the chapter's own heading. Well-formed Unicode, no control characters but tab and line feed. */
  readonly text: string;
  readonly words: number;
  /** Of all requests that it took, the failed ones and those of a killed process included. */
  readonly usage?: Usage | undefined;
  /** What had to be mended in it. */
  readonly repairs?: readonly Repair[] | undefined;
  /** What it settles for later chapters; absent where its author keeps no bible. */
  readonly facts?: readonly BibleFact[] | undefined;
}

/** Where a chapter is. */
export type ChapterState = "waiting" | "writing" | "done";

/** A book as its owner sees it: what `show` prints, the API answers and a client with a gap re-reads. */
export interface BookView {
  readonly id: number;
  readonly taskId: string;
  readonly title: string;
  readonly brief: string;
  readonly language: string;
  readonly author: { readonly id: string; readonly label: string };
  readonly status: BookStatus;
  /** Not ended, yet no living process works on it: `resume` goes on. */
  readonly stopped: boolean;
  /** Why it waits for a `resume`, where it was paused or reached its limit. */
  readonly paused: WireError | undefined;
  readonly progress: number;
  readonly words: number;
  readonly targetWords: number;
  readonly premise: string | undefined;
  /** Empty before there is an outline. */
  readonly chapters: ReadonlyArray<{
    readonly number: number;
    readonly title: string;
    readonly summary: string;
    readonly state: ChapterState;
    readonly words: number;
    readonly targetWords: number;
    /** Of the text that counts; absent while that is the author's own first one. */
    readonly version?: number;
    /** It rests on a chapter whose text has changed since. */
    readonly stale?: boolean;
  }>;
  readonly usage: Usage | undefined;
  /** Every request to a model, by the part of the book that it was for, and what it cost. */
  readonly ledger: BookLedger;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly error: WireError | undefined;
}

export interface BookImage {
  /** Its name inside the book, such as `image-1.png`. */
  readonly name: string;
  readonly mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/svg+xml" | "image/webp";
  readonly bytes: Uint8Array;
}

/** Everything an exporter needs; nothing else is read, and nothing is fetched. */
export interface BookDocument {
  /** Stable identifier: the same for the same book on every export. */
  readonly identifier: string;
  readonly title: string;
  readonly byline: string | undefined;
  readonly language: string;
  readonly premise: string | undefined;
  /** Shown on the front page and at the end of each chapter file, such as "Planned by inkwire offline, no language model was used". */
  readonly notice: string | undefined;
  /** ISO 8601; the only time in the output. */
  readonly modified: string;
  readonly chapters: ReadonlyArray<{
    readonly number: number;
    readonly title: string;
    /** Markdown; untrusted. Images are referred to by the `name` of {@link BookImage}; links between chapters as `chapter:<number>` or `chapter:<number>#<anchor>`. */
    readonly text: string;
  }>;
  readonly images: readonly BookImage[];
  /** Where chapters are missing: how many of how many are there. */
  readonly unfinished: { readonly done: number; readonly of: number } | undefined;
}
