import type { Usage } from "../types.js";

/** What a request to a model is for. `repair` mends an answer that is there already, `facts` notes what a chapter settles. */
export type RequestPurpose = "outline" | "chapter" | "continuation" | "repair" | "facts";

/** A request to a model that is about to be made. */
export interface PlannedRequest {
  /** Who is asked, `<provider>:<model>`: in a chain of authors the one whose turn it is. */
  readonly author: string;
  readonly purpose: RequestPurpose;
  /** Of the whole prompt; estimated from its length. */
  readonly inputTokens: number;
  /** What a good answer has; estimated from the words that are asked for. */
  readonly outputTokens: number;
}

/** What the one who is asked before a request allows. */
export interface Allowance {
  /** The longest answer, in tokens: the provider is told to stop there. @default as long as it likes */
  readonly maxOutputTokens?: number | undefined;
}

/** A request to a model that has ended, however it did: each one is told, and each but a refused one is paid for. */
export interface SpentRequest {
  readonly author: string;
  readonly purpose: RequestPurpose;
  /** Counted from the text where the provider did not say, as for every request that was cut. */
  readonly usage: Usage;
  /** `lost`: its process was killed; told by the one that goes on. `refused`: no answer began, so it cost nothing. */
  readonly outcome: "finished" | "failed" | "aborted" | "lost" | "refused";
}
