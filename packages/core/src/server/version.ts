import { createRequire } from "node:module";

/** The version of `@inkwire/core`; `unknown` where it was bundled into something else. */
export function packageVersion(): string {
  try {
    const { version } = createRequire(import.meta.url)("@inkwire/core/package.json") as {
      version: string;
    };
    return version;
  } catch {
    return "unknown";
  }
}
