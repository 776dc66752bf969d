import type * as Typst from "@myriaddreamin/typst-ts-node-compiler";
import { InkwireError } from "../../../protocol/index.js";
import { bookTree } from "../../markdown/book-tree.js";
import { cleanLine } from "../../text.js";
import type { BookDocument, BookImage } from "../../types.js";
import { factsOf } from "../book-facts.js";
import { scriptFonts } from "../cover/fonts.js";
import { picturesOf } from "../epub/pictures.js";
import type { Exporter } from "../exporter.js";
import { typstBook } from "./template.js";

type TypstLibrary = typeof Typst;
type Compiler = ReturnType<TypstLibrary["NodeCompiler"]["create"]>;

/** Nothing lies there: what Typst reads is given to it, and nothing else can be. */
const root = "/inkwire-book-that-is-not-on-disk";

/**
 * A typeset, tagged PDF with outline and contents, made by Typst inside of this process.
 *
 * Equal documents give equal bytes; letters beyond Latin, Greek, Cyrillic, Hebrew and Arabic are drawn with a font of the
 * system, if it has one.
 */
export function createPdfExporter({ NodeCompiler }: TypstLibrary): Exporter {
  return Object.freeze({
    format: "pdf",
    extension: ".pdf",
    mediaType: "application/pdf",
    async export(document: BookDocument) {
      const facts = factsOf(document);
      const fontBlobs = (await scriptFonts()).map((bytes) => Buffer.from(bytes));
      const compiler = NodeCompiler.create({ workspace: root, fontArgs: [{ fontBlobs }] });
      const pictures = shownPictures(compiler, document.images);
      const source = typstBook(
        facts,
        cleanLine(document.identifier),
        bookTree({ ...document, images: document.images.filter(({ name }) => pictures.has(name)) }),
        { picture: (name) => pictures.get(name) },
      );
      const compiled = compiler.compile({ mainFileContent: source });
      const { result } = compiled;
      if (result === null) throw failed(compiled.takeError()?.shortDiagnostics);
      const creationTimestamp = Math.floor(Date.parse(facts.modified) / 1_000);
      return new Uint8Array(compiler.pdf(result, { creationTimestamp }));
    },
  } satisfies Exporter);
}

/** The paths of the pictures that Typst can read. One that is damaged would else end the whole book. */
function shownPictures(compiler: Compiler, images: readonly BookImage[]): Map<string, string> {
  const shown = new Map<string, string>();
  for (const [index, { name, mediaType, bytes }] of picturesOf(images).entries()) {
    const path = `/picture-${index + 1}.${EXTENSIONS[mediaType]}`;
    compiler.mapShadow(`${root}${path}`, Buffer.from(bytes));
    const mainFileContent = `#image("${path}")`;
    if (!compiler.compile({ mainFileContent }).hasError()) shown.set(name, path);
  }
  return shown;
}

const EXTENSIONS: Readonly<Record<BookImage["mediaType"], string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "svg",
};

function failed(diagnostics: readonly unknown[] | undefined): InkwireError {
  const [first] = (diagnostics ?? []) as ReadonlyArray<{ readonly message?: string }>;
  const reason = cleanLine(first?.message ?? "it said nothing").slice(0, 300);
  return new InkwireError("export_failed", `Typst can't set this book: ${reason}`);
}
