import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { startPaidServer, type PaidServer } from "../../../core/test/support/llm/paid-server.js";
import { createSandbox, ensureBuilt, jsonLines, resultOf } from "../support/cli.js";

// Each starts several processes, and they run side by side.
vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

/** A provider that says 1,000 tokens in and 500 out for each answer, at a dollar and two for a thousand: $2 each. */
function paid(server: PaidServer) {
  return {
    env: {
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: server.baseUrl,
      INKWIRE_PRICE: "1000/2000",
      INKWIRE_COHERENCE: "off",
    },
  };
}

const book = ["create", "Tides", "--author", "openai:m", "--chapters", "4", "--words", "400"];

describe.concurrent("what a book costs", () => {
  it("is never spent unasked: without a terminal it takes --yes or a limit", async () => {
    await using server = await startPaidServer();
    using box = createSandbox();
    const refused = await box.run(book, paid(server));
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /Price: about \$\d+\.\d\d to \$\d+\.\d\d for [\d,]+ to [\d,]+ tokens/,
    );
    expect(refused.stderr).toContain("--yes");
    expect(server.journal).toEqual([]);
    expect((await box.run(["list"], paid(server))).stdout).not.toContain("Tides");
  });

  it("is told at the end, in the manifest by chapter, and by show", async () => {
    await using server = await startPaidServer();
    using box = createSandbox();
    const done = await box.run([...book, "--yes"], paid(server));
    expect(done.code).toBe(0);
    expect(done.stderr).toContain("Spent $10.00, 5,000 tokens in, 2,500 out");
    const manifest = JSON.parse(
      readFileSync(join(box.cwd, "books/tides/tides.json"), "utf8"),
    ) as Record<string, unknown>;
    expect(manifest["ledger"]).toMatchObject({
      total: { requests: 5, usd: 10, estimated: false },
      parts: [
        { step: "outline", total: { usd: 2 } },
        { chapter: 1, total: { usd: 2 }, requests: [{ outcome: "finished", cached_tokens: 200 }] },
        { chapter: 2 },
        { chapter: 3 },
        { chapter: 4 },
      ],
    });
    const shown = await box.run(["show", "1"], paid(server));
    expect(shown.stdout).toContain("Spent     $10.00, 5,000 tokens in, 2,500 out");
  });

  it("stays below --max-cost: stopped with 3 before the request, and resumed with a higher one", async () => {
    await using server = await startPaidServer();
    using box = createSandbox();
    const limited = await box.run([...book, "--max-cost", "11", "--json"], paid(server));
    expect(limited.code).toBe(3);
    const result = resultOf(limited.stdout);
    expect(result).toMatchObject({
      status: "interrupted",
      exit_code: 3,
      resume: "inkwire resume 1 --max-cost 22",
      error: { code: "budget_exceeded" },
    });
    const asked = server.journal.length;
    expect(result["cost_usd"]).toBe(2 * asked);
    expect(result["cost_usd"]).toBeLessThanOrEqual(11);
    expect(
      jsonLines(limited.stdout).findLast(({ type }) => type === "book_generation_update"),
    ).toMatchObject({ data: { paused: { code: "budget_exceeded" } } });

    const again = await box.run(["resume", "1"], paid(server));
    expect(again.code).toBe(3);
    expect(again.stderr).toContain("the limit is $11.00");
    expect(server.journal).toHaveLength(asked);

    const done = await box.run(["resume", "1", "--max-cost", "50"], paid(server));
    expect(done.code).toBe(0);
    expect(server.journal).toHaveLength(5);
  });

  it("is nothing for a model on this machine, and for none, and that is said", async () => {
    await using server = await startPaidServer();
    using box = createSandbox();
    const env = { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: server.baseUrl };
    const local = await box.run(book, { env });
    expect(local.code).toBe(0);
    expect(local.stderr).toContain("Price: nothing, it runs on this machine");
    const offline = await box.run(["create", "Ports", "--author", "offline", "--chapters", "2"]);
    expect(offline.stderr).toContain("Price: nothing, no language model is used");
  });

  it("refuses limits that are none, and a price that is none", async () => {
    await using server = await startPaidServer();
    using box = createSandbox();
    for (const flags of [
      ["--max-cost", "0"],
      ["--max-cost", "many"],
      ["--max-tokens", "5"],
    ]) {
      expect(await box.run([...book, ...flags], paid(server))).toMatchObject({ code: 2 });
    }
    const env = { ...paid(server).env, INKWIRE_PRICE: "cheap" };
    const wrong = await box.run([...book, "--yes"], { env });
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain("INKWIRE_PRICE");
    expect(server.journal).toEqual([]);
  });

  it("stops while a book is paused by another command", async () => {
    await using server = await startPaidServer({ pauseMs: 150 });
    using box = createSandbox();
    const writing = box.start(
      [...book, "--chapters", "12", "--words", "1200", "--yes"],
      paid(server),
    );
    await writing.said("Writing chapter 1");
    const paused = await box.run(["pause", "1"]);
    expect(paused.code).toBe(0);
    expect(paused.stderr).toContain("Pausing book 1");
    const ended = await writing.ended;
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain("Go on with: inkwire resume 1");
    expect(server.journal.every(({ cut }) => !cut)).toBe(true);
    expect(server.journal.length).toBeLessThan(13);
  });
});
