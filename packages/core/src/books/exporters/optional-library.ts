import { InkwireError } from "../../protocol/index.js";

/**
 * A library that makes one format and is installed only by who wants that: it is large.
 *
 * @param packageName - of npm.
 * @param load - imports it.
 * @throws InkwireError `export_failed` that says how to install it.
 */
export async function loadOptional<Library>(
  format: string,
  packageName: string,
  load: () => Promise<Library>,
): Promise<Library> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isMissing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    throw new InkwireError(
      "export_failed",
      isMissing
        ? `${format} is made with the package ${packageName}, which is not installed`
        : `${format} is made with the package ${packageName}, which does not run here`,
      {
        cause,
        hint: `Install it where inkwire is: npm install ${packageName}, with -g for a global inkwire. EPUB, HTML and Markdown need nothing.`,
      },
    );
  }
}
