import { expect, it } from "vitest";
import { exporterFor, exportFormats } from "../../../src/books/exporters/exporter-for.js";
import { isInkwireError } from "../../../src/protocol/index.js";

it("finds every format", async () => {
  const found = await Promise.all(exportFormats.map(exporterFor));
  expect(found.map(({ format, extension }) => `${format} ${extension}`)).toEqual([
    "epub .epub",
    "markdown .md",
    "html .html",
  ]);
});

it("refuses a format that does not exist, by name", async () => {
  const failed = await exporterFor("pdf" as never).catch((error: unknown) => error);
  expect(isInkwireError(failed, "invalid_request")).toBe(true);
  expect(String(failed)).toContain('epub, markdown, html, got "pdf"');
});
