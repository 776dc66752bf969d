import { expect, it } from "vitest";
import type { Output } from "../src/output/stream.js";
import { runProgram } from "../src/program.js";
import type { Runtime } from "../src/runtime.js";

/** What `inkwire <words> --help` prints where nobody looks on. */
async function helpOf(words: readonly string[]): Promise<string> {
  let text = "";
  const output = (write: (data: string) => void) =>
    ({ stream: {}, isTty: false, write }) as unknown as Output;
  const runtime = {
    argv: [...words, "--help"],
    env: {},
    stdout: output((data) => (text += data)),
    stderr: output((data) => {
      throw new Error(data);
    }),
  } as unknown as Runtime;
  expect(await runProgram(runtime)).toBe(0);
  return text.trimEnd();
}

/** The commands that a help lists, in its order. */
function commandsIn(help: string): string[] {
  const groups = help.matchAll(/^(Write|Books|Server|More|Commands):\n((?: {2,}.*\n?)+)/gm);
  const lines = [...groups].flatMap(([, , rows = ""]) => rows.split("\n"));
  return lines
    .map((line) => /^ {2}([a-z][a-z-]*)\b/.exec(line)?.[1] ?? "")
    .filter((name) => name !== "" && name !== "help");
}

async function pageOf(words: readonly string[], level: string): Promise<string[]> {
  const help = await helpOf(words);
  const section = `${level} ${["inkwire", ...words].join(" ")}\n\n\`\`\`text\n${help}\n\`\`\`\n`;
  const below: string[] = [];
  for (const name of commandsIn(help)) below.push(...(await pageOf([...words, name], "##")));
  return [section, ...below];
}

const head = `# The command

What \`inkwire --help\` and \`inkwire <command> --help\` print, page by page. In a checkout the command is \`pnpm inkwire\`.
How the commands play together is in [the guide](../guide/README.md).
`;

// Written anew by: pnpm exec vitest run --project cli test/reference -u
it("is in the reference as it says itself, every command of it", async () => {
  const sections = await pageOf([], "##");
  expect(sections.length).toBeGreaterThan(20);
  await expect([head, ...sections].join("\n")).toMatchFileSnapshot(
    "../../../docs/reference/cli.md",
  );
});
