import type { Billing } from "../ledger/types.js";
import type { Repair } from "../repair.js";
import type { BookRequest, Outline, OutlineChapter, Usage } from "../types.js";
import type { Allowance, PlannedRequest, SpentRequest } from "./requests.js";

/** What may be said before a request: nothing allows all. */
export type Allowed = Allowance | undefined | void;

/** What a call of an author gets along: where text goes, when to stop, and whom to tell. */
export interface AuthorCall {
  /** Aborts on cancel and shutdown; an author passes it down to its socket and rejects soon after. */
  readonly signal: AbortSignal;
  /** The next piece of the chapter's Markdown, in order, as it is written. Empty pieces are ignored. */
  readonly write: (text: string) => void;
  /**
   * Awaited right before each request to a model; what it throws is thrown on, and the request is not made.
   *
   * @default nobody is asked
   */
  readonly onRequest?: ((request: PlannedRequest) => Allowed | Promise<Allowed>) | undefined;
  /** Told what each of these requests used as soon as it has ended, also by a failure or an abort. */
  readonly onUsage?: ((spent: SpentRequest) => void) | undefined;
  /** Told before each wait for a provider whose limits are used up, with how long it takes, in milliseconds. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
  /** Told of each fault that the author mends by itself. */
  readonly onRepair?: ((repair: Repair) => void) | undefined;
}

/** A passage of the user's own source, and where in it that stands: `tides.md, Spring tides`. Both were written by others. */
export interface SourceNote {
  readonly from: string;
  readonly text: string;
}

/** The user's own source as material: what of it one piece of work needs, bounded. */
export interface SourceNotes {
  /** What {@link SourceNotes.forChapter} gives, in bytes of UTF-8: all of a source that fits, of another any part. */
  readonly minChapterBytes: number;
  readonly maxChapterBytes: number;
  forOutline(request: BookRequest): readonly SourceNote[];
  forChapter(chapter: OutlineChapter): readonly SourceNote[];
}

/** An author's answer while it plans, kept on disk: whoever plans on after a break buys only what is missing. */
export interface OutlineDraft {
  /** What is kept, all pieces so far included; empty where there is nothing. Maybe another author's, and cut anywhere. */
  readonly text: string;
  /** The next piece of the answer. */
  readonly write: (text: string) => void;
  /** Another answer begins, in place of what is kept. */
  readonly restart: () => void;
}

/** What an author needs to write one chapter. */
export interface ChapterTask {
  readonly request: BookRequest;
  readonly outline: Outline;
  readonly chapter: OutlineChapter;
  readonly bookId: number;
  /**
   * What is there of the chapter already: the author writes only what follows. Given to authors that say `continues`.
   *
   * @default nothing
   */
  readonly soFar?: string | undefined;
  /**
   * What the next part shall do: go on, or bring the chapter to its end in a few sentences.
   *
   * @default "continue"
   */
  readonly part?: "continue" | "close" | undefined;
  /**
   * What earlier chapters settle and this one may not contradict, a line each, bounded in all.
   *
   * @default nothing
   */
  readonly known?: readonly string[] | undefined;
  /**
   * Passages of the user's own source that the chapter may rest on, bounded in all.
   *
   * @default nothing
   */
  readonly notes?: readonly SourceNote[] | undefined;
}

/** A finished chapter, whose facts are to be noted. */
export interface FactsTask extends ChapterTask {
  readonly text: string;
}

/** Passages of a finished chapter, and what is wrong with each. */
export interface MendTask extends ChapterTask {
  readonly passages: ReadonlyArray<{ readonly text: string; readonly fault: string }>;
}

/** How an author's part of a chapter came to its end; its text is all that went through `write`. */
export interface ChapterResult {
  /** Of all its requests. */
  readonly usage?: Usage | undefined;
  /**
   * What the model said: `stop`, or `length` where it reached its limit. It is a claim, and is checked against the text.
   * Absent where the author itself vouches for the end, as for the user's own words.
   */
  readonly finishReason?: "stop" | "length" | undefined;
}

/**
 * What writes text: a model provider, the offline planner, the user's own Markdown. Made anew for each job, and lazily:
 * its library is loaded by its first call. It retries nothing itself: it throws an InkwireError whose `retryable` and
 * `retryAfterMs` tell the pipeline what to do.
 */
export interface Author {
  /** As in {@link BookRequest.author}. */
  readonly id: string;
  /** For people, such as "planned offline, no language model was used". */
  readonly label: string;
  /** How many chapters it writes at once. */
  readonly concurrency: number;
  /** How many chapters it makes, where the request can't choose: those of the user's own text. */
  readonly chapters?: number | undefined;
  /** Printed in the book itself; absent where the text is a model's or the user's own. */
  readonly notice?: string | undefined;
  /** It understands {@link ChapterTask.soFar}. Others begin a chapter anew when it was cut. @default false */
  readonly continues?: boolean | undefined;
  /** Where its requests are billed, one for each model it may ask. Absent where no model is asked. */
  readonly billings?: readonly Billing[] | undefined;
  /** The user's own source, where this author writes a text of its own with it. @default there is none */
  readonly notes?: SourceNotes | undefined;
  /**
   * The outline, with exactly `request.chapters` chapters: `chapters` of them where it has its own number.
   *
   * @param notes - of the user's own source, bounded in all. @default nothing
   * @param draft - where its answer may be kept, with what an earlier attempt left. @default nowhere: each attempt begins anew
   */
  outline(
    request: BookRequest,
    call: AuthorCall,
    notes?: readonly SourceNote[],
    draft?: OutlineDraft,
  ): Promise<Outline>;
  /** Streams one chapter, or what follows `task.soFar` of it, through `call.write`; rejects where it was cut. */
  chapter(task: ChapterTask, call: AuthorCall): Promise<ChapterResult>;
  /**
   * What a finished chapter settles for the later ones; they are checked, so anything may come. With it chapters wait for the
   * ones that they rest on. @default no bible is kept
   */
  readonly facts?: ((task: FactsTask, call: AuthorCall) => Promise<readonly unknown[]>) | undefined;
  /**
   * The same passages without their faults, in the same order; `undefined` for one that shall stay. With it a finished
   * chapter is read by the guards. @default nobody reads it
   */
  readonly mend?:
    | ((task: MendTask, call: AuthorCall) => Promise<ReadonlyArray<string | undefined>>)
    | undefined;
}
