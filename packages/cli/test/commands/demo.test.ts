import { rmSync, existsSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, jsonLines, resultOf, type Sandbox } from "../support/cli.js";
import { readRecording } from "../../src/recording.js";

let box: Sandbox;
beforeAll(ensureBuilt);
beforeEach(() => {
  box = createSandbox();
});
afterEach(() => box[Symbol.dispose]());

describe("demo", () => {
  it("says that it is a recording, before and after, and ends with 0 without a home or a network", async () => {
    rmSync(box.home, { recursive: true, force: true });
    // Whatever asked for a provider, a server or a proxy would fail here.
    const nowhere = "http://127.0.0.1:9";
    const { code, stdout, stderr } = await box.run(["demo", "--speed", "100"], {
      env: { INKWIRE_HOME: "/dev/null/none", INKWIRE_SERVER: nowhere, https_proxy: nowhere },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const [first = ""] = stderr.replaceAll(/\n(?=.)/g, " ").split("\n");
    expect(first).toMatch(/^Recording of 20\d\d-\d\d-\d\d, replayed: nothing is being written now/);
    expect(first).toContain("toy model");
    expect(stderr).toMatch(/trying again in \d/);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^That was a recording\. .*create/);
    expect(existsSync(box.home)).toBe(false);
  });

  it("--json gives the messages as they were, whole chapters of them, and a result that says so", async () => {
    const { code, stdout, stderr } = await box.run(["demo", "--json", "--speed", "100"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = jsonLines(stdout);
    expect(lines[0]).toMatchObject({
      type: "recording",
      data: { about: expect.stringContaining("toy model") as string },
    });
    const result = resultOf(stdout);
    expect(result).toMatchObject({ status: "completed", recording: true, files: [], exit_code: 0 });
    const ends = new Map<number, number>();
    for (const { type, data } of lines as Array<{ type: string; data: Record<string, unknown> }>) {
      if (type !== "chapter_text") continue;
      const { chapter, offset, text } = data as { chapter: number; offset: number; text: string };
      expect(offset).toBeLessThanOrEqual(ends.get(chapter) ?? 0);
      ends.set(chapter, offset + text.length);
    }
    expect(ends.size).toBe(result["chapters"]);
    for (const end of ends.values()) expect(end).toBeGreaterThan(300);
  });

  it("stops at a signal, and has nothing to resume", async () => {
    const running = box.start(["demo"]);
    await running.said("Recording of");
    await running.said("The Little Boat");
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
  });

  it.each(["0", "-1", "fast", "1000"])("refuses --speed %s", async (speed) => {
    const { code, stderr } = await box.run(["demo", "--speed", speed]);
    expect(code).toBe(2);
    expect(stderr).toContain("0.1 to 100");
  });
});

it("the recording holds together: in order, one book, chapters side by side, a retry, an end", async () => {
  const { events, bookId, recordedAt } = await readRecording();
  expect(new Date(recordedAt).toISOString()).toBe(recordedAt);
  const times = events.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const messages = events.flatMap((event) => ("message" in event ? [event.message] : []));
  expect(new Set(messages.map(({ data }) => "book_id" in data && data.book_id))).toEqual(
    new Set([bookId]),
  );
  const switches = messages
    .filter((message) => message.type === "chapter_text")
    .map(({ data }) => data.chapter)
    .filter((chapter, index, all) => index > 0 && chapter !== all[index - 1]);
  expect(switches.length).toBeGreaterThan(20);
  const updates = messages.filter((message) => message.type === "book_generation_update");
  expect(updates.filter(({ data }) => data.retry_at !== undefined).length).toBeGreaterThan(0);
  expect(updates.at(-1)?.data.status).toBe("completed");
  expect(events.at(-1)).toHaveProperty("book.status", "completed");
});
