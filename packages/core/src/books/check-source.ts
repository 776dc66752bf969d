import { InkwireError } from "../protocol/index.js";
import type { SourceFile } from "./service-types.js";

/** What a source may hold at most: it is copied into the home. */
export const bookSourceLimits = Object.freeze({
  maxFiles: 5_000,
  maxBytes: 268_435_456,
  maxPath: 1_000,
});

/** @throws InkwireError `invalid_request` for a source that is empty, too large, or names a file twice. */
export function checkSource(source: readonly SourceFile[]): void {
  const refuse = (message: string) => new InkwireError("invalid_request", `source: ${message}`);
  const { maxFiles, maxBytes, maxPath } = bookSourceLimits;
  if (source.length < 1 || source.length > maxFiles) {
    throw refuse(`expected 1 to ${maxFiles} files, got ${source.length}`);
  }
  const bytes = source.reduce((sum, file) => sum + file.bytes.byteLength, 0);
  if (bytes > maxBytes)
    throw refuse(
      `expected at most ${maxBytes / 1_048_576} MiB, got ${Math.ceil(bytes / 1_048_576)}`,
    );
  const paths = new Set<string>();
  for (const { path } of source) {
    if (path === "" || path.length > maxPath)
      throw refuse(`expected paths of 1 to ${maxPath} characters`);
    if (paths.has(path)) throw refuse(`${JSON.stringify(path)} is there twice`);
    paths.add(path);
  }
}
