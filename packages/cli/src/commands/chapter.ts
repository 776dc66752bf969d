import { Option, type Command } from "commander";
import { exitCodes } from "../output/exit-codes.js";
import {
  addLimitFlags,
  bookId,
  nonEmpty,
  wholeNumber,
  type GlobalFlags,
  type LimitFlags,
} from "./flags.js";
import type { CommandHost } from "./host.js";

interface EditFlags extends GlobalFlags {
  readonly file?: string;
  readonly title?: string;
}

interface DiffFlags extends GlobalFlags {
  readonly from?: number;
  readonly to?: number;
}

export interface RegenerateFlags extends GlobalFlags, LimitFlags {
  readonly yes?: boolean;
}

const chapterNumber = wholeNumber(1, 10_000);

export function chapterCommand(program: Command, { runtime, finish }: CommandHost): void {
  const chapter = program
    .command("chapter")
    .summary("change one chapter: edit, versions, diff, revert, regenerate")
    .description(
      "Change one finished chapter. Each change is a new version; older ones can be compared and brought back. Chapters that rest on a changed one are named, and never written again unasked.",
    );
  const sub = (name: string, summary: string) =>
    chapter
      .command(name)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .argument("<book>", "the number of the book", bookId)
      .argument("<chapter>", "the number of the chapter", chapterNumber);

  sub("edit", "replace its text by a file, or change it in your editor")
    .option("--file <path>", "Markdown without the heading; - reads stdin", nonEmpty)
    .option("--title <title>", "a new title", nonEmpty)
    .addHelpText(
      "after",
      "\nWithout --file and --title the text is opened in $VISUAL or $EDITOR.\n",
    )
    .action(async (book: number, number: number, _own: unknown, command: Command) => {
      const { editChapter } = await import("../services/edit-chapter.js");
      finish(await editChapter(runtime, book, number, command.optsWithGlobals<EditFlags>()));
    });
  sub("versions", "list its versions")
    .option("--json", "as one JSON object")
    .action(async (book: number, number: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { readonly json?: boolean }>();
      const { listVersions } = await import("../services/chapter-versions.js");
      await listVersions(runtime, book, number, flags);
      finish(exitCodes.done);
    });
  sub("diff", "show what changed between two versions")
    .addOption(new Option("--from <version>", "default: the one before").argParser(chapterNumber))
    .addOption(
      new Option("--to <version>", "default: the one that counts").argParser(chapterNumber),
    )
    .action(async (book: number, number: number, _own: unknown, command: Command) => {
      const { diffChapter } = await import("../services/chapter-versions.js");
      await diffChapter(runtime, book, number, command.optsWithGlobals<DiffFlags>());
      finish(exitCodes.done);
    });
  sub("revert", "bring the text of an older version back, as a new one")
    .argument("<version>", "as `inkwire chapter versions` shows it", chapterNumber)
    .action(
      async (book: number, number: number, version: number, _own: unknown, command: Command) => {
        const { revertChapter } = await import("../services/chapter-versions.js");
        await revertChapter(runtime, book, number, version, command.optsWithGlobals<GlobalFlags>());
        finish(exitCodes.done);
      },
    );
  addLimitFlags(
    sub("regenerate", "have its author write it again, as a new version").option(
      "-y, --yes",
      "do not ask",
    ),
  ).action(async (book: number, number: number, _own: unknown, command: Command) => {
    const { regenerateChapter } = await import("../services/regenerate-chapter.js");
    finish(
      await regenerateChapter(runtime, book, number, command.optsWithGlobals<RegenerateFlags>()),
    );
  });
}
