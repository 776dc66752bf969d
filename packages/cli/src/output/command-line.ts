/** What a person types to run this command here: a checkout says so through `INKWIRE_COMMAND`, such as `pnpm inkwire`. */
export function commandLine(
  env: Readonly<Record<string, string | undefined>>,
  words: string,
): string {
  const name = env["INKWIRE_COMMAND"] ?? "";
  // It is printed to a terminal and into JSON, so only what a command's name is made of.
  return `${/^[A-Za-z0-9@/._ -]{1,60}$/.test(name) ? name : "inkwire"} ${words}`;
}
