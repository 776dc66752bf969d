import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder that is removed at the end of its scope: `using directory = tempDirectory()`. */
export function tempDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "inkwire-"));
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
