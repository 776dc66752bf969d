import { Option, type Command } from "commander";
import { bookId, nonEmpty, parseFormat, type BookFormat, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export interface ExportFlags extends GlobalFlags {
  readonly format?: BookFormat;
  readonly out?: string;
}

export function exportCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("export")
    .summary("save a book as EPUB, PDF, Word, HTML or Markdown")
    .description("Save a book as one file, also one that is not finished yet. Prints the path.")
    .argument("<id>", "the number of the book", bookId)
    .addOption(
      new Option(
        "--format <format>",
        "epub, markdown, html, pdf or docx (default: what --out ends with, or epub)",
      ).argParser(parseFormat),
    )
    .option(
      "-o, --out <path>",
      "a file or folder, - for stdout (default: a new file here)",
      nonEmpty,
    )
    .addHelpText(
      "after",
      `
Examples:
  inkwire export 7
  inkwire export 7 --out ~/books/tides.html
  inkwire export 7 --out tides.pdf
  inkwire export 7 --format markdown --out - | less

PDF needs the package @myriaddreamin/typst-ts-node-compiler beside inkwire, DOCX the package docx.
`,
    )
    .action(async (id: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ExportFlags>();
      const { exportBook } = await import("../services/export-book.js");
      finish(await exportBook(runtime, id, flags));
    });
}
