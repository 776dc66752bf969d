import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDrafts } from "../../src/books/drafts.js";
import { createRedisLogs } from "../../src/redis/logs.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";

let directory: string;
let problems: unknown[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "inkwire-drafts-"));
  problems = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const onProblem = (error: unknown): void => void problems.push(error);

const shared = shareRedis();

describe.each(["on disk", "in memory", ...(hasRedis ? ["in Redis"] : [])])("drafts %s", (where) => {
  const make = (flushMs = 5) =>
    createDrafts(
      {
        directory: where === "on disk" ? directory : undefined,
        logs:
          where === "in Redis"
            ? createRedisLogs({ redis: shared.redis, tag: `{${shared.newPrefix()}}` })
            : undefined,
      },
      { flushMs, onProblem },
    );

  it("gives back all that was appended, also what is not written yet", async () => {
    const drafts = make(60_000);
    const log = drafts.open(7, 3);
    log.append(0, "The tide ");
    log.append(9, "came in.");
    expect(await drafts.read(7, 3)).toBe("The tide came in.");
    await log.close();
    expect(await drafts.read(7, 3)).toBe("The tide came in.");
    expect(problems).toEqual([]);
  });

  it("drops an earlier attempt with the first text of the next, not before", async () => {
    const drafts = make();
    const first = drafts.open(7, 3);
    first.append(0, "A first attempt that was cut");
    await first.close();
    const second = drafts.open(7, 3);
    expect(await drafts.read(7, 3)).toBe("A first attempt that was cut");
    second.append(0, "Again");
    expect(await drafts.read(7, 3)).toBe("Again");
    await second.close();
  });

  it("knows nothing of a chapter that nobody began", async () => {
    expect(await make().read(7, 4)).toBeUndefined();
  });

  it("forgets one chapter, or a whole book and no other", async () => {
    const drafts = make();
    for (const [book, chapter] of [
      [7, 1],
      [7, 2],
      [70, 1],
    ] as const) {
      const log = drafts.open(book, chapter);
      log.append(0, "x");
      await log.close();
    }
    await drafts.remove(7, 1);
    expect([await drafts.read(7, 1), await drafts.read(7, 2)]).toEqual([undefined, "x"]);
    await drafts.remove(7);
    expect([await drafts.read(7, 2), await drafts.read(70, 1)]).toEqual([undefined, "x"]);
  });
});

it("is readable by another process while it grows, and leaves out a line that was torn", async () => {
  const log = createDrafts({ directory }, { flushMs: 1, onProblem }).open(7, 3);
  log.append(0, "whole – ");
  await log.close();
  const path = join(directory, "drafts", "7", "3.jsonl");
  expect(await readFile(path, "utf8")).toBe('{"offset":0,"text":"whole – "}\n');
  await appendFile(path, '{"offset":8,"te');
  const reader = createDrafts({ directory }, { onProblem });
  expect(await reader.read(7, 3)).toBe("whole – ");
});

it("lets the text of a chapter go on where a draft can't be written, and says so once", async () => {
  await appendFile(join(directory, "drafts"), "a file where a folder is wanted");
  const drafts = createDrafts({ directory }, { flushMs: 1, onProblem });
  const log = drafts.open(7, 3);
  log.append(0, "a");
  await drafts.read(7, 3).catch(() => {});
  log.append(1, "b");
  await log.close();
  expect(problems).toHaveLength(1);
});
