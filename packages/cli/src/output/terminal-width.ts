import type { Output } from "./stream.js";

/** The columns of a terminal; `undefined` where it is none, or says nothing: what a program reads is not broken into lines. */
export function columnsOf({ isTty, stream }: Output): number | undefined {
  return isTty && stream.columns > 0 ? stream.columns : undefined;
}
