import { fileURLToPath } from "node:url";

/**
 * For `NODE_COMPILE_CACHE`: tests start hundreds of processes that read the same sources, and reading what an earlier one
 * compiled halves the CPU time of each.
 */
export const compileCache = fileURLToPath(
  new URL("../node_modules/.inkwire-compile-cache", import.meta.url),
);
