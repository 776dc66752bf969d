import { constants } from "node:fs";
import { copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InkwireError } from "@inkwire/core/protocol";
import { exitCodes } from "../output/exit-codes.js";
import { sanitizeLine } from "../output/sanitize.js";
import type { Runtime } from "../runtime.js";
import { makeFolder } from "./make-folder.js";

/** What may be in a folder that counts as empty: what is there before the first file of one's own. */
const ignored = new Set([".git", ".DS_Store"]);

/**
 * `inkwire init`: copies a template into an empty folder and says how to go on. Overwrites nothing.
 *
 * @returns the exit code.
 * @throws InkwireError `invalid_option` for a template that is not there, or a folder that is not empty.
 */
export async function initProject(
  runtime: Runtime,
  folder: string,
  template: string,
): Promise<number> {
  // From here it is the same way in the sources and in what is built.
  const templates = fileURLToPath(new URL("../templates", import.meta.url));
  const names = await readdir(templates);
  if (!names.includes(template)) {
    throw new InkwireError(
      "invalid_option",
      `Expected --template to be one of ${names.join(", ")}, got "${sanitizeLine(template)}"`,
    );
  }
  const target = resolve(runtime.cwd, folder);
  await refuseUnlessEmpty(target);
  await makeFolder(target);
  const source = join(templates, template);
  const files = await filesBelow(source);
  for (const file of files) {
    await makeFolder(dirname(join(target, file)));
    if (file === "package.json") await writeManifest(join(source, file), target);
    else await copyFile(join(source, file), join(target, file), constants.COPYFILE_EXCL);
  }
  // npm leaves files of this name out of what it publishes, so no template can hold one.
  await writeFile(join(target, ".gitignore"), "node_modules/\ndist/\ndata/\n", { flag: "wx" });
  runtime.stdout.write(`${target}\n`);
  runtime.stderr.write(nextSteps(target === runtime.cwd ? "" : folder, files));
  return exitCodes.done;
}

async function refuseUnlessEmpty(target: string): Promise<void> {
  const found = await stat(target).catch(ignoreMissing);
  if (found === undefined) return;
  if (!found.isDirectory()) {
    throw new InkwireError("invalid_option", `Expected a folder, got a file: ${target}`);
  }
  const entries = (await readdir(target)).filter((name) => !ignored.has(name));
  if (entries.length === 0) return;
  const some = entries
    .slice(0, 3)
    .map((name) => sanitizeLine(name))
    .join(", ");
  const more = entries.length > 3 ? ` and ${entries.length - 3} more` : "";
  throw new InkwireError(
    "invalid_option",
    `Expected an empty folder, but ${target} holds ${some}${more}`,
    { hint: "name a new folder, such as `inkwire init my-books`" },
  );
}

/** All files below a folder, by their paths in it. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

async function writeManifest(from: string, target: string): Promise<void> {
  const manifest = JSON.parse(await readFile(from, "utf8")) as Record<string, unknown>;
  const text = `${JSON.stringify({ ...manifest, name: packageName(target) }, null, 2)}\n`;
  await writeFile(join(target, "package.json"), text, { flag: "wx" });
}

/** What npm takes as a name, as near to the folder's as that is: "My Books!" is `my-books`. */
function packageName(target: string): string {
  const name = basename(target)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 100);
  return name === "" || name === "node-modules" ? "inkwire-project" : name;
}

function nextSteps(folder: string, files: readonly string[]): string {
  const steps = [...(folder === "" ? [] : [`cd ${quoted(folder)}`]), "npm install", "npm start"];
  const names = files.map((name) => `  ${name}`).join("\n");
  return `Made:\n${names}\n\nNext:\n${steps.map((step) => `  ${step}`).join("\n")}\n\nREADME.md says what is where.\n`;
}

/** As a shell takes it. */
function quoted(path: string): string {
  const safe = sanitizeLine(path);
  return /^[\w./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
