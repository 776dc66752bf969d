import type { SourceNotes } from "./authors/author.js";
import type { SourceFile } from "./service-types.js";
import type { SourcePlan } from "./source/plan-source.js";

/** `readSource`, with the parser of Markdown loaded only when there is some to read. See there for what it does and throws. */
export async function readSource(paths: readonly string[]): Promise<SourceFile[]> {
  const source = await import("./source.js");
  return source.readSource(paths);
}

/** `createSourceNotes`, with the parser of Markdown loaded only now: a source as material for an author that writes. */
export async function createSourceNotes(files: readonly SourceFile[]): Promise<SourceNotes> {
  const source = await import("./source/choose-notes.js");
  return source.createSourceNotes(files);
}

/** `planSource`, with the parser of Markdown loaded only now: what a source becomes, and what could not be taken over. */
export async function planSource(files: readonly SourceFile[]): Promise<SourcePlan> {
  const source = await import("./source/plan-source.js");
  return source.planSource(files);
}
