import { expect, it } from "vitest";
import { exporterFor, exportFormats } from "../../../src/books/exporters/exporter-for.js";
import { loadOptional } from "../../../src/books/exporters/optional-library.js";
import { isInkwireError } from "../../../src/protocol/index.js";

it("finds every format", async () => {
  const found = await Promise.all(exportFormats.map(exporterFor));
  expect(found.map(({ format, extension }) => `${format} ${extension}`)).toEqual([
    "epub .epub",
    "markdown .md",
    "html .html",
    "pdf .pdf",
    "docx .docx",
  ]);
});

it("refuses a format that does not exist, by name", async () => {
  const failed = await exporterFor("mobi" as never).catch((error: unknown) => error);
  expect(isInkwireError(failed, "invalid_request")).toBe(true);
  expect(String(failed)).toContain('epub, markdown, html, pdf, docx, got "mobi"');
});

it("says in one line which package a format lacks, and how to install it", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  const failed = await loadOptional("PDF", "some-package", () => Promise.reject(missing)).catch(
    (error: unknown) => error,
  );
  expect(failed).toMatchObject({
    code: "export_failed",
    message: "PDF is made with the package some-package, which is not installed",
    hint: expect.stringContaining("npm install some-package") as string,
    cause: missing,
  });
});

const missingPackage: string = "no-such-package-at-all";

it("really does without the package: Node's own answer is understood", async () => {
  const failed = await loadOptional(
    "X",
    "no-such-package",
    () => import(missingPackage) as Promise<unknown>,
  ).catch((error: unknown) => error);
  expect(String(failed)).toContain("which is not installed");
});
