import type { BookDocument } from "../types.js";

/** The files that a book can become. */
export type ExportFormat = "epub" | "markdown" | "html" | "pdf" | "docx";

/** Turns a book into one file. Pure: equal documents give equal bytes, and nothing is read or fetched. */
export interface Exporter {
  readonly format: ExportFormat;
  /** With the dot, such as `.epub`. */
  readonly extension: string;
  readonly mediaType: string;
  export(document: BookDocument): Promise<Uint8Array>;
}
