import { InkwireError } from "../../protocol/index.js";
import type { Exporter, ExportFormat } from "./exporter.js";
import { loadOptional } from "./optional-library.js";

/** Every format there is, the one that most people want first. */
export const exportFormats: readonly ExportFormat[] = Object.freeze([
  "epub",
  "markdown",
  "html",
  "pdf",
  "docx",
]);

/**
 * The exporter of a format, its libraries loaded only now.
 *
 * PDF and DOCX need a package that is installed only by who wants them.
 *
 * @throws InkwireError `invalid_request` for a format that does not exist, `export_failed` for one whose package is not
 *   installed: its hint says how to.
 */
export async function exporterFor(format: ExportFormat): Promise<Exporter> {
  switch (format) {
    case "epub":
      return (await import("./epub/epub.js")).epubExporter;
    case "markdown":
      return (await import("./markdown/markdown.js")).markdownExporter;
    case "html":
      return (await import("./html/html.js")).htmlExporter;
    case "pdf": {
      const library = await loadOptional(
        "PDF",
        "@myriaddreamin/typst-ts-node-compiler",
        () => import("@myriaddreamin/typst-ts-node-compiler"),
      );
      return (await import("./pdf/pdf.js")).createPdfExporter(library);
    }
    case "docx": {
      const library = await loadOptional("DOCX", "docx", () => import("docx"));
      return (await import("./docx/docx.js")).createDocxExporter(library);
    }
    default:
      throw new InkwireError(
        "invalid_request",
        `format: expected ${exportFormats.join(", ")}, got ${JSON.stringify(format)}`,
      );
  }
}
