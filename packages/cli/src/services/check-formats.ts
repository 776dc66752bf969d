import type { BookFormat } from "../commands/flags.js";

/**
 * Refuses a format whose package is not installed before anything is begun, let alone paid for.
 *
 * @throws InkwireError `export_failed` that says how to install it.
 */
export async function checkFormats(formats: readonly BookFormat[] | undefined): Promise<void> {
  const optional = (formats ?? []).filter((format) => format === "pdf" || format === "docx");
  if (optional.length === 0) return;
  const { exporterFor } = await import("@inkwire/core/books");
  await Promise.all(optional.map(exporterFor));
}
