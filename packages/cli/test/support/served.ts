import { setTimeout as sleep } from "node:timers/promises";
import type { Running, ProcessSandbox } from "./process-sandbox.js";

/** A server of the sandbox's home, listening. */
export interface Served extends Running {
  readonly url: string;
}

/** Starts it on a free port, unless `--port` is among `args`; resolves once it listens. */
export async function serve(
  box: ProcessSandbox,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const port = args.includes("--port") ? [] : ["--port", "0"];
  const running = box.start(["serve", ...port, ...args], { env });
  let out = "";
  running.child.stdout.on("data", (text: string) => {
    out += text;
  });
  await running.said("http://127.0.0.1:");
  while (!out.includes("\n")) await sleep(5);
  return { ...running, url: out.trim() };
}

export async function tokenOf(box: ProcessSandbox, ...args: string[]): Promise<string> {
  return (await box.start(["token", ...args]).ended).stdout.trim();
}

/** Calls the API as the user of a token. */
export async function callApi<T = unknown>(
  url: string,
  token: string,
  call: string,
  body?: unknown,
): Promise<T> {
  const [method = "", path = ""] = call.split(" ");
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${call}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
