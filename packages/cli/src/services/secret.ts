import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { InkwireError } from "@inkwire/core/protocol";
import type { Runtime } from "../runtime.js";

/** Where the secret lies that tokens are signed with, in the home. */
export const SECRET_FILE = "secret";
const SECRET_BYTES = 48;

/** The secret if there is one: see {@link readOrMakeSecret}. */
export async function readSecret(home: string, env: Runtime["env"]): Promise<string | undefined> {
  const given = env["INKWIRE_JWT_SECRET"];
  return given !== undefined && given !== "" ? given : readSecretFile(join(home, SECRET_FILE));
}

/**
 * What tokens are signed and checked with: `INKWIRE_JWT_SECRET`, else the file `secret` of the home, which is made the
 * first time, readable by its owner alone. Two processes that make it at once end up with the same one.
 *
 * @throws InkwireError `invalid_option` for a file that others can read: whoever has it can be any user.
 */
export async function readOrMakeSecret(
  home: string,
  env: Runtime["env"],
  random: (bytes: number) => Buffer = randomBytes,
): Promise<string> {
  const known = await readSecret(home, env);
  if (known !== undefined) return known;
  const path = join(home, SECRET_FILE);
  await makeSecretFile(home, path, random(SECRET_BYTES).toString("base64url"));
  const made = await readSecretFile(path);
  if (made !== undefined) return made;
  throw new InkwireError("storage_failed", `The secret could not be kept in ${path}`);
}

async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    // Windows has no such modes.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new InkwireError(
        "invalid_option",
        `The secret ${path} can be read by others, who could sign tokens of any user`,
        { hint: `chmod 600 ${path}, or delete it to have a new one made, which ends all tokens` },
      );
    }
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written whole beside its place and then linked there: nobody reads half a secret, and the first of two makers wins. */
async function makeSecretFile(home: string, path: string, secret: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}
