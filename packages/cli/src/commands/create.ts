import { Option, type Command } from "commander";
import {
  addLimitFlags,
  addProgressFlags,
  formatList,
  nonEmpty,
  wholeNumber,
  type LimitFlags,
  type OutputFlags,
  type ProgressFlags,
} from "./flags.js";
import type { CommandHost } from "./host.js";

export interface CreateFlags extends ProgressFlags, OutputFlags, LimitFlags {
  readonly brief?: string;
  readonly chapters?: number;
  readonly words?: number;
  readonly language?: string;
  readonly author?: string;
  readonly from?: readonly string[];
  readonly byline?: string;
}

export function createCommand(program: Command, { runtime, finish }: CommandHost): void {
  const command = program
    .command("create")
    .summary("write a book, live")
    .description(
      "Write a book and watch it being written. Ctrl-C is safe: what is written is kept, and `inkwire resume` goes on.",
    )
    .argument("<title>", "the title of the book", nonEmpty)
    .option("--brief <text>", "what it is about, for whom, in which voice")
    .option("--chapters <n>", "how many chapters (default: 12)", wholeNumber(1, 200))
    .option(
      "--words <n>",
      "length of the whole book (default: 1200 a chapter)",
      wholeNumber(100, 1_000_000),
    )
    .option("--language <tag>", "language of the book, such as en or pt-BR", nonEmpty)
    .option(
      "--author <author>",
      "offline, markdown, <provider>:<model>, gguf:<file>, or a,b to fall back (default: the best that is there)",
      nonEmpty,
    )
    .option(
      "--from <path...>",
      "Markdown files or a folder: your own text, or material for a model",
    )
    .option("--byline <name>", "the person on the title page")
    .addOption(
      new Option(
        "--format <list>",
        "epub, markdown, html, pdf, docx (default: what --out ends with, or epub,markdown)",
      ).argParser(formatList),
    )
    .option(
      "-o, --out <path>",
      "a folder for the files, or one file such as tides.epub (default: ./books/<title>/)",
      nonEmpty,
    )
    .action(async (title: string, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CreateFlags>();
      const { createBook } = await import("../services/create-book.js");
      finish(await createBook(runtime, title, flags));
    });
  addLimitFlags(command);
  addProgressFlags(command).addHelpText(
    "after",
    `
Progress is drawn on stderr; the path of the finished book is printed on stdout. While chapters are written side by
side, the up and down keys (or Tab) choose whose text is shown, and Esc leaves that to the text again.

Examples:
  inkwire create "The Tides of Brittany" --chapters 8 --brief "for sailors, dry humour"
  inkwire create "My notes" --from docs/guide --out notes.epub
  inkwire create "Ports" --author openai:gpt-5 --format epub,html --out ~/books
  inkwire create "Ports" --json | tail -1
  inkwire create "Ports" --author openai:gpt-5-mini --max-cost 0.50
`,
  );
}
