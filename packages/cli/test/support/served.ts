import { setTimeout as sleep } from "node:timers/promises";
import type { Running, Sandbox } from "./cli.js";

/** A server of the sandbox's home, listening. */
export interface Served extends Running {
  readonly url: string;
}

export async function serve(
  box: Sandbox,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const running = box.start(["serve", "--port", "0", ...args], { env });
  let out = "";
  running.child.stdout.on("data", (text: string) => {
    out += text;
  });
  await running.said("http://127.0.0.1:");
  while (!out.includes("\n")) await sleep(5);
  return { ...running, url: out.trim() };
}
