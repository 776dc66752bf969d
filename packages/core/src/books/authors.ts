import { parseAuthorSpec } from "./authors/author-spec.js";
import { chooseAuthor, type AuthorChoice, type ChooseAuthorOptions } from "./authors/choose.js";
import type { Author } from "./authors/author.js";
import { createGgufAuthor } from "./authors/model/providers/gguf.js";
import { listAuthors, type AuthorCandidate } from "./authors/list-authors.js";
import { planOutline } from "./authors/planner/outline.js";
import { createRateGates } from "./authors/model/rate-gate.js";
import { createPlanner, type PlannerOptions } from "./authors/planner/planner.js";
import type { BookAuthors } from "./service-options.js";
import type { SourceFile } from "./service-types.js";
import { createSourceNotes, planSource } from "./source-loader.js";
import type { SourcePlan } from "./source/plan-source.js";

export interface AuthorsOptions {
  /** Where keys and addresses come from, such as `process.env`. */
  readonly env: ChooseAuthorOptions["env"];
  /** Looks for model servers on this machine. @default loopback, within 300 ms */
  readonly probe?: ChooseAuthorOptions["probe"];
  /** How fast the offline planner streams: see {@link PlannerOptions}. @default 250 */
  readonly wordsPerSecond?: PlannerOptions["wordsPerSecond"];
  /**
   * Whether `gguf:FILE` may name a file of this machine: for a program that its user runs, not for a server that takes
   * requests of others. @default false
   */
  readonly localFiles?: boolean | undefined;
}

/** The authors that come with inkwire. */
export interface Authors extends BookAuthors {
  /**
   * Decides who writes, and why, before there is a book.
   *
   * @param author - as in a request; `auto` and `undefined` take the best that is there.
   * @param source - the user's own files, if there are any.
   * @throws InkwireError as {@link chooseAuthor} and, for a source, `planSource`.
   */
  choose(author: string | undefined, source?: readonly SourceFile[]): Promise<AuthorChoice>;
  /** All that could write, in the order of preference. */
  list(author?: string): Promise<readonly AuthorCandidate[]>;
}

/** Model providers, servers on this machine, the user's own Markdown, and the offline planner, chosen by what is there. */
export function createAuthors(options: AuthorsOptions): Authors {
  const { env, probe, wordsPerSecond, localFiles } = options;
  // A model file is opened once, however many books are written with it.
  const opened = new Map<string, Author>();
  const common: ChooseAuthorOptions = {
    env,
    probe,
    offline: () => createPlanner({ wordsPerSecond }),
    fallbackOutline: planOutline,
    rates: createRateGates(),
    localFiles,
    gguf(wanted) {
      const author = opened.get(wanted.file) ?? createGgufAuthor(wanted);
      opened.set(wanted.file, author);
      return author;
    },
  };

  const choose: Authors["choose"] = async (author, source) => {
    if (source === undefined) return chooseAuthor({ ...common, author });
    const mayTypeset = parseAuthorSpec(author ?? "auto").some(
      ({ provider }) => provider === "auto" || provider === "markdown",
    );
    const markdown = mayTypeset ? await typesetter(await planSource(source)) : undefined;
    const choice = await chooseAuthor({ ...common, author, markdown });
    if (choice.id === "markdown") return choice;
    const notes = await createSourceNotes(source);
    return { ...choice, create: () => ({ ...choice.create(), notes }) };
  };

  return {
    choose,
    list: (author) => listAuthors({ ...common, author }),
    resolve: async (request, source) => (await choose(request.author, source)).create(),
  };
}

async function typesetter(plan: SourcePlan): Promise<NonNullable<ChooseAuthorOptions["markdown"]>> {
  const { createMarkdownAuthor } = await import("./authors/markdown/markdown-author.js");
  return () => ({ ...createMarkdownAuthor(plan), chapters: plan.chapters.length });
}
