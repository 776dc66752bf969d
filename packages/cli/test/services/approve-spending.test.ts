import { PassThrough } from "node:stream";
import type { BookEstimate } from "@inkwire/core/books";
import { expect, it } from "vitest";
import type { Runtime } from "../../src/runtime.js";
import { approveSpending } from "../../src/services/approve-spending.js";

const estimate: BookEstimate = {
  requests: { low: 13, high: 17 },
  inputTokens: { low: 8_412, high: 20_111 },
  outputTokens: { low: 15_000, high: 33_333 },
  usd: { low: 0.031, high: 0.128 },
  isFree: false,
  priceSource: "list price of GPT-5 mini at OpenAI",
};

/** A terminal on which `answer` is typed; `undefined`: nobody is there. */
function terminal(answer: string | undefined) {
  const said: string[] = [];
  const isTty = answer !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY: isTty });
  const stream = new PassThrough();
  stream.on("data", (data: Buffer) => said.push(data.toString()));
  if (answer !== undefined) stdin.end(`${answer}\n`);
  const stderr = { isTty, stream, write: (text: string) => void said.push(text) };
  return {
    runtime: { stdin, stderr, env: {} } as unknown as Runtime,
    said: () => said.join(""),
  };
}

const options = { mode: "tty", yes: false, request: {}, estimate } as const;

it("says what it will likely cost, and asks once on a terminal", async () => {
  const yes = terminal("y");
  expect(await approveSpending(yes.runtime, options)).toBe(true);
  expect(yes.said()).toContain(
    "Price: about $0.031 to $0.13 for 23,000 to 53,000 tokens (list price of GPT-5 mini at OpenAI)",
  );
  expect(yes.said().match(/\[y\/N\]/g)).toHaveLength(1);
  expect(await approveSpending(terminal("n").runtime, options)).toBe(false);
  expect(await approveSpending(terminal("").runtime, options)).toBe(false);
});

it("asks nobody with --yes, nor where nobody is paid", async () => {
  const yes = terminal("n");
  expect(await approveSpending(yes.runtime, { ...options, yes: true })).toBe(true);
  expect(yes.said()).not.toContain("[y/N]");
  const free = terminal("n");
  const priceSource = "it runs on this machine";
  const local = { ...estimate, usd: { low: 0, high: 0 }, isFree: true, priceSource };
  expect(await approveSpending(free.runtime, { ...options, estimate: local })).toBe(true);
  expect(free.said()).toBe("Price: nothing, it runs on this machine\n");
  const narrow = terminal("n");
  Object.assign(narrow.runtime.stderr.stream, { columns: 24 });
  await approveSpending(narrow.runtime, { ...options, estimate: local });
  expect(narrow.said()).toBe("Price: nothing, it runs\non this machine\n");
});

it("takes a limit for consent where nobody can be asked, and refuses without one", async () => {
  const limited = { ...options, mode: "plain", request: { maxCostUsd: 1 } } as const;
  expect(await approveSpending(terminal(undefined).runtime, limited)).toBe(true);
  await expect(
    approveSpending(terminal(undefined).runtime, { ...options, mode: "plain" }),
  ).rejects.toMatchObject({ code: "invalid_option" });
});

it("never calls a price that is not known nothing", async () => {
  const unknown = terminal("y");
  const given = { ...estimate, usd: undefined, priceSource: undefined };
  await approveSpending(unknown.runtime, { ...options, estimate: given });
  expect(unknown.said()).toContain("23,000 to 53,000 tokens; what they cost is not known");
  expect(unknown.said()).not.toContain("$");
});
