import { createServer, get, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, jsonLines, resultOf, type Sandbox } from "../support/cli.js";
import { serve, type Served } from "../support/served.js";

let server: Sandbox;
let served: Served;
/** Another machine: nothing of the server's home is here. */
let away: Sandbox;
let env: Record<string, string>;

beforeAll(async () => {
  await ensureBuilt();
  server = createSandbox();
  served = await serve(server);
  away = createSandbox();
  const token = (await server.run(["token", "--user", "42"])).stdout.trim();
  env = { INKWIRE_SERVER: served.url, INKWIRE_TOKEN: token };
}, 120_000);
afterAll(async () => {
  served.child.kill("SIGTERM");
  await served.ended;
  server[Symbol.dispose]();
  away[Symbol.dispose]();
});

describe("inkwire create --server", () => {
  it("has the server write a book, shows it live, and saves its files here", async () => {
    const run = await away.run(
      ["create", "Ports", "--chapters", "2", "--author", "offline", "--json"],
      { env },
    );
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const lines = jsonLines(run.stdout);
    const statuses = lines.flatMap((line) =>
      line["type"] === "book_generation_update"
        ? [(line["data"] as { status: string }).status]
        : [],
    );
    expect([statuses[0], statuses.at(-1)]).toEqual(["queued", "completed"]);
    expect(lines.some((line) => line["type"] === "chapter_text")).toBe(true);
    const ids = lines.flatMap((line) => (typeof line["id"] === "string" ? [line["id"]] : []));
    expect(new Set(ids).size).toBe(ids.length);
    const { files, book_id: id } = resultOf(run.stdout) as { files: string[]; book_id: number };
    expect(files.map((path) => path.startsWith(away.cwd))).toEqual([true, true, true]);
    const epub = files.find((path) => path.endsWith(".epub"));
    expect(readFileSync(epub!).subarray(0, 2).toString()).toBe("PK");
    expect(existsSync(away.home)).toBe(false);

    const [shown] = jsonLines((await away.run(["show", String(id), "--json"], { env })).stdout);
    expect(shown).toMatchObject({ book_id: id, title: "Ports", status: "completed" });
    const text = (await away.run(["read", String(id)], { env })).stdout;
    expect(text).toMatch(/^# Ports\n\n## /);
    const exported = await away.run(["export", String(id), "--format", "html"], { env });
    expect(readFileSync(join(away.cwd, exported.stdout.trim()), "utf8")).toContain("Ports");
    const listed = jsonLines((await away.run(["list", "--json"], { env })).stdout);
    expect(listed).toMatchObject([{ book_id: id }]);

    const others = (await server.run(["token", "--user", "7"])).stdout.trim();
    const foreign = { ...env, INKWIRE_TOKEN: others };
    expect((await away.run(["list", "--json"], { env: foreign })).stdout).toBe("");
    expect(await away.run(["show", String(id)], { env: foreign })).toMatchObject({ code: 1 });
    expect(await away.run(["watch", String(id)], { env: foreign })).toMatchObject({ code: 1 });
  }, 60_000);

  it("leaves at Ctrl-C, the server goes on, and watch looks in again until the end", async () => {
    const slow = await serve(server, [], { INKWIRE_PACE: "150" });
    const there = { ...env, INKWIRE_SERVER: slow.url };
    const create = away.start(
      ["create", "Tides", "--chapters", "2", "--author", "offline", "--json"],
      { env: there },
    );
    await create.said('"chapter_text"');
    create.child.kill("SIGINT");
    const left = await create.ended;
    expect(left.code).toBe(3);
    const { status, resume, book_id: id } = resultOf(left.stdout);
    expect(status).toBe("interrupted");
    expect(resume).toBe(`inkwire watch ${String(id)} --server ${slow.url}`);

    const watch = await away.run(["watch", "--json"], { env: there });
    expect(watch.code).toBe(0);
    expect(resultOf(watch.stdout)).toMatchObject({
      status: "completed",
      book_id: id,
      files: [],
    });
    expect((await away.run(["watch"], { env: there })).stderr).toContain(
      "No book is being written",
    );
    const again = await away.run(["watch", String(id), "--json"], { env: there });
    expect(resultOf(again.stdout)).toMatchObject({ status: "completed" });
    slow.child.kill("SIGTERM");
    await slow.ended;
  }, 60_000);

  it("refuses what a server can't do, before it asks it", async () => {
    const { code, stderr } = await away.run(["create", "Mine", "--from", "."], { env });
    expect(code).toBe(2);
    expect(stderr).toContain("--server");
  });
});

describe("inkwire chapter --server", () => {
  it("edits, lists, compares, reverts and writes again a chapter of a server", async () => {
    const args = ["create", "Coves", "--chapters", "2", "--author", "offline", "--json"];
    const { book_id: id } = resultOf((await away.run(args, { env })).stdout);
    const chapter = (what: string, ...rest: string[]) =>
      away.run(["chapter", what, String(id), "1", ...rest], { env });
    expect(await chapter("edit", "--title", "A Better Title")).toMatchObject({ code: 0 });
    expect((await chapter("versions")).stdout).toMatch(/\n\* 2 {2}edited .*A Better Title\n$/);
    expect((await chapter("diff")).stdout).toContain("+# A Better Title");
    expect((await chapter("diff", "--from", "2", "--to", "1")).stdout).toContain(
      "-# A Better Title",
    );
    expect((await chapter("revert", "1")).stderr).toContain("is at version 3");
    const again = await chapter("regenerate", "--yes");
    expect(again.stderr).toContain("Chapter 1 of book");
    expect(again.code).toBe(0);
    expect((await chapter("versions")).stdout).toMatch(/\n\* 4 {2}regenerated /);
    expect((await chapter("revert", "9")).code).not.toBe(0);
    expect(existsSync(away.home)).toBe(false);
  }, 60_000);
});

describe("inkwire inbox", () => {
  it("shows, reads and deletes notifications of a server", async () => {
    const list = async (...args: string[]) =>
      jsonLines((await away.run(["inbox", "--json", ...args], { env })).stdout);
    const ids = (await list()).map((line) => line["id"]);
    expect(ids).toContain("welcome");
    expect((await list("--read", "welcome", "--unread")).map((line) => line["id"])).not.toContain(
      "welcome",
    );
    const page = await away.run(["inbox"], { env });
    expect(page.stdout).toContain("Your book is ready");
    expect(page.stderr).toMatch(/^\d+ unread\n$/);
    expect((await list("--delete", "welcome")).map((line) => line["id"])).not.toContain("welcome");
    expect((await away.run(["inbox", "--read-all"], { env })).stderr).toBe("nothing is unread\n");
    const missing = await away.run(["inbox", "--read", "nothing"], { env });
    expect(missing).toMatchObject({ code: 1, stdout: "" });
  });

  it("shows that of this home without a server", async () => {
    using box = createSandbox();
    expect(await box.run(["inbox"])).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("inkwire doctor <url>", () => {
  it("finds a healthy server healthy, and shows no token", async () => {
    const { code, stdout } = await away.run(["doctor", served.url, "--json"], { env });
    const [{ ok, findings }] = jsonLines(stdout) as [
      { ok: boolean; findings: { name: string; state: string }[] },
    ];
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.map(({ name, state }) => [name, state])).toEqual(
      ["health", "ready", "clock", "auth", "sse", "websocket"].map((name) => [name, "ok"]),
    );
    expect(stdout).not.toContain(env["INKWIRE_TOKEN"]);
  });

  it("tells a proxy that holds messages back, and one that lets no WebSocket through", async () => {
    await using proxy = await bufferingProxy(served.url);
    const { code, stdout } = await away.run(["doctor", proxy.url], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/broken +sse .*hold/);
    expect(stdout).toMatch(/warning +websocket/);
  });

  it.each([
    ["an hour ahead", 3_600_000, /warning +clock +.*by 3(599|600|601) s/],
    ["half a minute behind", -30_000, /warning +clock +.*by (29|30|31) s/],
    // What a machine that is busy adds must not count as a clock that is off.
    ["right", 0, /ok +clock/],
  ])("tells a server whose clock is %s", async (_, shiftMs, finding) => {
    await using server = await listen((_request, response) => {
      response.setHeader("date", new Date(Date.now() + shiftMs).toUTCString());
      response.setHeader("content-type", "application/json").end(`{"status":"ok"}`);
    });
    const { stdout } = await away.run(["doctor", server.url], { env: { INKWIRE_SERVER: "" } });
    expect(stdout).toMatch(finding);
    expect(stdout.includes("NTP")).toBe(shiftMs !== 0);
  });

  it("tells a server that tells no time", async () => {
    await using server = await listen((_, response) => {
      response.sendDate = false;
      response.setHeader("content-type", "application/json").end(`{"status":"ok"}`);
    });
    const { stdout } = await away.run(["doctor", server.url], { env: { INKWIRE_SERVER: "" } });
    expect(stdout).toMatch(/warning +clock +.*does not tell its time/);
  });

  it("tells a server that is none, one that is not there, and a token that is refused", async () => {
    await using website = await listen((_, response) => void response.end("<html>Hello</html>"));
    expect((await away.run(["doctor", website.url], { env })).stdout).toMatch(/broken +health/);
    const gone = await away.run(["doctor", "http://127.0.0.1:1"], { env });
    expect(gone).toMatchObject({ code: 1 });
    expect(gone.stdout).toContain("nothing answers");
    const bad = { ...env, INKWIRE_TOKEN: "a.b.c" };
    expect((await away.run(["doctor", served.url], { env: bad })).stdout).toMatch(/broken +auth/);
    const none = { INKWIRE_SERVER: "" };
    expect((await away.run(["doctor", served.url], { env: none })).stdout).toMatch(/warning +auth/);
  });
});

describe("a server that can't be used", () => {
  it.each([
    [["list"], { INKWIRE_SERVER: "http://127.0.0.1:1", INKWIRE_TOKEN: "a.b.c" }, 5],
    [["create", "X"], { INKWIRE_SERVER: "ftp://example.com", INKWIRE_TOKEN: "a.b.c" }, 2],
    [["list", "--server", "http://u:p@127.0.0.1:1"], {}, 2],
    [["list", "--server", "http://127.0.0.1:1"], {}, 4],
  ])("%j with %j ends with %d", async (args, more, code) => {
    using box = createSandbox();
    const run = await box.run(args, { env: more });
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toMatch(/^error: /m);
  });

  it("ends with 4 for a token that is refused", async () => {
    const bad = { ...env, INKWIRE_TOKEN: "a.b.c" };
    expect(await away.run(["list"], { env: bad })).toMatchObject({ code: 4, stdout: "" });
    expect(await away.run(["watch"], { env: bad })).toMatchObject({ code: 4, stdout: "" });
  });

  it("is told from a website that answers in its place", async () => {
    await using website = await listen((_, response) => {
      response.setHeader("content-type", "text/html").end("<html>Sign in</html>");
    });
    const there = { ...env, INKWIRE_SERVER: website.url };
    const { code, stderr } = await away.run(["list"], { env: there });
    expect(code).toBe(1);
    expect(stderr).toContain("is this an inkwire server?");
  });
});

interface Listening extends AsyncDisposable {
  readonly url: string;
}

async function listen(handler: RequestListener): Promise<Listening> {
  const http = createServer(handler);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Hands answers on only when they are complete, as proxies do that know no streams. */
const bufferingProxy = (url: string) =>
  listen((request, response) => {
    const { authorization = "" } = request.headers;
    const asked = get(`${url}${request.url}`, { headers: { authorization } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(chunks));
      });
    });
    asked.on("error", () => response.destroy());
    response.on("close", () => asked.destroy());
  });
