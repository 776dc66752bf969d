import { makeBookDocument } from "./document.js";
import type { ExportFormat } from "./exporters/exporter.js";
import { exporterFor } from "./exporters/exporter-for.js";
import type { BookFile, SourceFile } from "./service-types.js";
import { planSource } from "./source-loader.js";
import { slug } from "./text.js";
import type { BookImage } from "./types.js";
import type { BookState } from "./view.js";

/**
 * A book as a file. The exporter and its libraries are loaded now, not before.
 *
 * @param source - the book's own source, whose pictures its text refers to.
 * @throws InkwireError `conflict` for a book without any finished chapter, `invalid_request` for an unknown format.
 */
export async function exportBook(
  state: BookState,
  source: readonly SourceFile[] | undefined,
  format: ExportFormat,
): Promise<BookFile> {
  const exporter = await exporterFor(format);
  const document = makeBookDocument(state, await imagesOf(state, source));
  return {
    name: `${slug(document.title)}${exporter.extension}`,
    mediaType: exporter.mediaType,
    bytes: await exporter.export(document),
  };
}

async function imagesOf(
  state: BookState,
  source: readonly SourceFile[] | undefined,
): Promise<readonly BookImage[]> {
  // What a model wrote from the source as material shows none of its pictures.
  if (source === undefined || state.record.author.id !== "markdown") return [];
  return (await planSource(source)).images;
}
