import { InkwireError } from "../../protocol/index.js";
import type { Exporter, ExportFormat } from "./exporter.js";

/** Every format there is, the one that most people want first. */
export const exportFormats: readonly ExportFormat[] = Object.freeze(["epub", "markdown", "html"]);

/**
 * The exporter of a format, its libraries loaded only now.
 *
 * @throws InkwireError `invalid_request` for a format that does not exist.
 */
export async function exporterFor(format: ExportFormat): Promise<Exporter> {
  switch (format) {
    case "epub":
      return (await import("./epub/epub.js")).epubExporter;
    case "markdown":
      return (await import("./markdown/markdown.js")).markdownExporter;
    case "html":
      return (await import("./html/html.js")).htmlExporter;
    default:
      throw new InkwireError(
        "invalid_request",
        `format: expected ${exportFormats.join(", ")}, got ${JSON.stringify(format)}`,
      );
  }
}
