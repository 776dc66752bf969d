import { setTimeout as delay } from "node:timers/promises";
import type { Author, ChapterTask, MendTask } from "../../../src/books/authors/author.js";
import type { OutlineChapter } from "../../../src/books/types.js";
import { prose } from "../guards/fixtures.js";
import { createScriptedAuthor } from "./scripted-author.js";

export interface CoherentScript {
  readonly concurrency?: number;
  /** The text of a chapter. @default honest prose */
  readonly text?: (chapter: number, task: ChapterTask) => string;
  /** What the outline says besides. */
  readonly plan?: (chapter: number) => Partial<OutlineChapter>;
  /** How long a chapter takes. */
  readonly slow?: (chapter: number) => number;
  /** Gets a line for each call: `chapter 3`, `facts 3`, `mend 3`. */
  readonly calls?: string[];
  /** What each chapter was told to know, by its number. */
  readonly known?: Map<number, readonly string[]>;
  readonly tasks?: ChapterTask[];
  readonly facts?: (chapter: number) => readonly unknown[] | Promise<readonly unknown[]>;
  readonly mend?: (
    task: MendTask,
  ) => ReadonlyArray<string | undefined> | Promise<ReadonlyArray<string | undefined>>;
}

/** A scripted author that keeps a bible and mends. */
export function createCoherentAuthor(script: CoherentScript = {}): Author {
  const { text = (number: number) => prose(12, number), facts = defaultFacts } = script;
  const plain = createScriptedAuthor({ concurrency: script.concurrency ?? 3 });
  return {
    ...plain,
    async outline(request, call) {
      const outline = await plain.outline(request, call);
      return {
        ...outline,
        chapters: outline.chapters.map((chapter) => ({
          ...chapter,
          ...script.plan?.(chapter.number),
        })),
      };
    },
    async chapter(task, call) {
      const { number } = task.chapter;
      script.calls?.push(`chapter ${number}`);
      script.known?.set(number, task.known ?? []);
      script.tasks?.push(task);
      await delay(script.slow?.(number) ?? 0, undefined, { signal: call.signal });
      for (const piece of text(number, task).match(/[^]{1,200}/g) ?? []) call.write(piece);
      return { usage: { inputTokens: 10, outputTokens: 20, estimated: false } };
    },
    async facts(task) {
      script.calls?.push(`facts ${task.chapter.number}`);
      return facts(task.chapter.number);
    },
    async mend(task) {
      script.calls?.push(`mend ${task.chapter.number}`);
      return (await script.mend?.(task)) ?? [];
    },
  };
}

/** Twelve sentences on things of the chapter's own, as a talkative model has them. */
export function defaultFacts(chapter: number): readonly unknown[] {
  return Array.from({ length: 12 }, (_, index) => ({
    kind: "thing",
    subject: `Thing ${chapter}-${index + 1}`,
    about: "place",
    fact: `It lies on the ${index + 1}th step of the stairs that lead down to harbour ${chapter}.`,
  }));
}
