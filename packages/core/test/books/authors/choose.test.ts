import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import type { Author } from "../../../src/books/authors/author.js";
import { chooseAuthor, type ChooseAuthorOptions } from "../../../src/books/authors/choose.js";
import { listAuthors } from "../../../src/books/authors/list-authors.js";
import {
  isLoopback,
  localEndpoints,
  probeLocalServers,
  type LocalServer,
} from "../../../src/books/authors/model/local-servers.js";
import { localEndpointsOf } from "../../../src/books/authors/model/provider-settings.js";
import { testKey } from "../../support/llm/mock-llm.js";

const planner: Author = {
  id: "offline",
  label: "planned offline",
  concurrency: 1,
  outline: () => Promise.reject(new Error("not called")),
  chapter: () => Promise.reject(new Error("not called")),
};
const ollama: LocalServer = {
  name: "Ollama",
  baseUrl: "http://127.0.0.1:11434/v1",
  models: ["llama3:8b", "qwen3"],
};

function options(overrides: Partial<ChooseAuthorOptions> = {}): ChooseAuthorOptions {
  return {
    env: {},
    offline: () => planner,
    probe: () => Promise.resolve([]),
    hasLlama: () => false,
    ...overrides,
  };
}

const found = () => Promise.resolve([ollama]);
const key = { OPENAI_API_KEY: testKey };

describe("choosing freely", () => {
  test("takes the offline planner where nothing else is there", async () => {
    const choice = await chooseAuthor(options());
    expect(choice).toMatchObject({ id: "offline", reason: expect.stringContaining("no key") });
    expect(choice.create()).toBe(planner);
  });

  test("takes a local server over the planner, without its embedding models", async () => {
    const choice = await chooseAuthor(options({ author: "auto", probe: found }));
    expect(choice).toMatchObject({
      id: "local:llama3:8b",
      label: "llama3:8b at 127.0.0.1:11434 (Ollama)",
      reason: "Ollama answers on this machine",
    });
    expect(choice.create()).toMatchObject({ id: "local:llama3:8b", concurrency: 1 });
  });

  test("takes a key over a local server, and then probes nothing", async () => {
    const probe = vi.fn(found);
    const choice = await chooseAuthor(options({ env: key, probe }));
    expect(choice).toMatchObject({
      id: "openai:gpt-5-mini",
      label: "gpt-5-mini at api.openai.com",
      reason: "OPENAI_API_KEY is set",
    });
    expect(choice.create()).toMatchObject({ id: "openai:gpt-5-mini", concurrency: 3 });
    expect(probe).not.toHaveBeenCalled();
  });

  test("takes the user's own source over everything", async () => {
    const markdown = (): Author => ({ ...planner, id: "markdown" });
    const choice = await chooseAuthor(options({ env: key, markdown }));
    expect(choice).toMatchObject({ id: "markdown", create: markdown });
  });

  test("reads the model and the server from the environment; blank counts as not set", async () => {
    const env = {
      ...key,
      OPENAI_MODEL: "org/model@v2",
      OPENAI_BASE_URL: "https://models.example/api/v1/",
    };
    expect(await chooseAuthor(options({ env }))).toMatchObject({
      id: "openai:org/model@v2",
      label: "org/model@v2 at models.example",
    });
    const blank = { OPENAI_API_KEY: " ", OPENAI_BASE_URL: "" };
    expect(await chooseAuthor(options({ env: blank }))).toMatchObject({ id: "offline" });
  });
});

describe("what was asked for", () => {
  test("wins over a key and a source", async () => {
    const markdown = () => planner;
    const choice = await chooseAuthor(options({ author: "offline", env: key, markdown }));
    expect(choice).toMatchObject({ id: "offline", reason: "it was asked for" });
  });

  test("is found again by its id", async () => {
    const given = options({ env: key, probe: found, markdown: () => planner });
    for (const author of ["offline", "markdown", "openai:gpt-5", "local:qwen3"]) {
      expect((await chooseAuthor({ ...given, author })).id).toBe(author);
    }
  });

  test("needs a key for a server elsewhere, none for one on this machine", async () => {
    const asked = { author: "openai:gpt-5" };
    await expect(chooseAuthor(options(asked))).rejects.toMatchObject({
      code: "author_unavailable",
      message: "OPENAI_API_KEY is not set.",
      hint: expect.stringContaining("OPENAI_BASE_URL"),
    });
    const env = { OPENAI_BASE_URL: "http://127.0.0.1:9999/v1" };
    const choice = await chooseAuthor(options({ ...asked, env }));
    expect(choice.label).toBe("gpt-5 at 127.0.0.1:9999");
  });

  test("says which local models there are instead", async () => {
    const missing = chooseAuthor(options({ author: "local:nope", probe: found }));
    await expect(missing).rejects.toMatchObject({
      code: "author_unavailable",
      message: "No model server on this machine has nope; there is llama3:8b, qwen3.",
    });
    await expect(chooseAuthor(options({ author: "local" }))).rejects.toMatchObject({
      code: "author_unavailable",
      hint: expect.stringContaining("127.0.0.1:11434"),
    });
  });

  test("is refused as markdown without a source", async () => {
    await expect(chooseAuthor(options({ author: "markdown" }))).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  test.each([
    "",
    "gpt-5",
    "openai:",
    "openai:a b",
    "OPENAI:x",
    "offline:x",
    "local:\u0000",
    "gguf",
    "claude:opus",
    "openai:a,,local",
    "openai:a,offline",
    "auto,local",
    "local,local,local,local,local,local",
    `openai:${"x".repeat(500)}`,
  ])("as %.40j is refused with what is allowed", async (author) => {
    await expect(chooseAuthor(options({ author }))).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/^author: /),
    });
  });

  test.each([
    [{ OPENAI_API_KEY: `${testKey}\nx` }, /OPENAI_API_KEY/],
    [{ ...key, OPENAI_BASE_URL: `http://me:${testKey}@host/v1` }, /OPENAI_BASE_URL/],
    [{ ...key, OPENAI_BASE_URL: "host/v1" }, /OPENAI_BASE_URL/],
  ])("is refused in an environment that makes no sense, %#", async (env, named) => {
    const choice = chooseAuthor(options({ env }));
    await expect(choice).rejects.toMatchObject({ code: "invalid_option" });
    await expect(choice).rejects.toThrow(named);
    await expect(choice).rejects.not.toThrow(testKey);
  });
});

describe("another provider", () => {
  const anthropic = { ANTHROPIC_API_KEY: testKey };

  test("is taken by its key, after OpenAI", async () => {
    expect(await chooseAuthor(options({ env: anthropic }))).toMatchObject({
      id: "anthropic:claude-sonnet-5",
      label: "claude-sonnet-5 at api.anthropic.com",
      reason: "ANTHROPIC_API_KEY is set",
    });
    const both = { ...anthropic, ...key };
    expect((await chooseAuthor(options({ env: both }))).id).toBe("openai:gpt-5-mini");
    const author = "anthropic:claude-opus-5";
    expect((await chooseAuthor(options({ env: both, author }))).create().id).toBe(author);
  });

  test("of no model of its own wants one named", async () => {
    const env = { GROQ_API_KEY: testKey };
    expect((await chooseAuthor(options({ env }))).id).toBe("offline");
    await expect(chooseAuthor(options({ env, author: "groq" }))).rejects.toMatchObject({
      code: "author_unavailable",
      hint: "Ask for groq:MODEL, or set GROQ_MODEL.",
    });
    expect(await chooseAuthor(options({ env, author: "groq:llama-3.3-70b" }))).toMatchObject({
      label: "llama-3.3-70b at api.groq.com",
    });
    const named = { ...env, GROQ_MODEL: "llama-3.3-70b" };
    expect((await chooseAuthor(options({ env: named }))).id).toBe("groq:llama-3.3-70b");
    const rows = await listAuthors(options({ env }));
    expect(rows.find(({ id }) => id === "groq")).toMatchObject({ available: true });
    expect(JSON.stringify(rows)).not.toContain(testKey);
  });

  test("is a model file, only where files may be named", async () => {
    const author = "gguf:/models/tiny.gguf";
    await expect(chooseAuthor(options({ author }))).rejects.toMatchObject({
      code: "author_unavailable",
      message: "Model files can't be named here.",
    });
    expect((await chooseAuthor(options({ author, localFiles: true }))).create()).toMatchObject({
      id: author,
      label: "tiny.gguf in this process (node-llama-cpp)",
      concurrency: 1,
    });
    const relative = chooseAuthor(options({ author: "gguf:../tiny.gguf", localFiles: true }));
    await expect(relative).rejects.toMatchObject({ code: "author_unavailable" });
  });
});

describe("a chain", () => {
  test("has the ids of all its members, also of those that are not there today", async () => {
    const asked = options({ author: "openai:gpt-5, local", probe: found });
    const choice = await chooseAuthor(asked);
    expect(choice).toMatchObject({
      id: "openai:gpt-5,local:llama3:8b",
      label: "llama3:8b at 127.0.0.1:11434 (Ollama)",
      reason: "it was asked for; OPENAI_API_KEY is not set",
    });
    expect(choice.create().id).toBe(choice.id);
    const later = await chooseAuthor(options({ author: choice.id, env: key }));
    expect(later.id).toBe(choice.id);
    expect(later.label).toBe("gpt-5 at api.openai.com");
  });

  test("of which nobody is there says why", async () => {
    await expect(chooseAuthor(options({ author: "openai,local" }))).rejects.toMatchObject({
      code: "author_unavailable",
      message: "OPENAI_API_KEY is not set.",
    });
  });

  test.each(["http://127.0.0.1:11434/v1", "http://localhost:11434/v1/"])(
    "asks no server twice that is in it by two names: %s",
    async (baseUrl) => {
      const env = { OPENAI_BASE_URL: baseUrl };
      const fallbackOutline = vi.fn<() => never>();
      const asked = { author: "openai:qwen3,local:qwen3,local", env, probe: found };
      const choice = await chooseAuthor(options({ ...asked, fallbackOutline }));
      expect(choice).toMatchObject({
        // As it was asked for: a resume finds its chapters by it.
        id: "openai:qwen3,local:qwen3,local:llama3:8b",
        label: expect.stringMatching(/^qwen3 at [^,]*, else llama3:8b at 127/),
        reason:
          "it was asked for; local:qwen3 is the same as openai:qwen3, and can't take over from it",
      });
      const probe = vi.fn(found);
      const twice = await chooseAuthor(options({ author: "local,local", probe }));
      expect(probe).toHaveBeenCalledOnce();
      expect(twice.label).toBe("llama3:8b at 127.0.0.1:11434 (Ollama)");
    },
  );

  test("of which the last is not there today has its outline planned offline by the one before", async () => {
    const gguf = vi.fn<NonNullable<ChooseAuthorOptions["gguf"]>>(() => planner);
    const fallbackOutline = vi.fn<() => never>();
    const author = "gguf:/models/a.gguf,local";
    const all = options({ author, localFiles: true, gguf, fallbackOutline });
    (await chooseAuthor(all)).create();
    expect(gguf.mock.calls).toMatchObject([[{ fallbackOutline }]]);
    (await chooseAuthor({ ...all, probe: found })).create();
    expect(gguf.mock.calls[1]?.[0].fallbackOutline).toBeUndefined();
  });

  test("names all that will be asked, in their order", async () => {
    const choice = await chooseAuthor(
      options({ author: "openai,local:qwen3", env: key, probe: found }),
    );
    expect(choice.label).toBe(
      "gpt-5-mini at api.openai.com, else qwen3 at 127.0.0.1:11434 (Ollama)",
    );
  });
});

describe("the rows of what could write", () => {
  test("begin with the chosen one and hold no key", async () => {
    const rows = await listAuthors(options({ env: key, probe: found }));
    expect(rows.map(({ id, chosen, available }) => [id, chosen, available])).toEqual([
      ["openai:gpt-5-mini", true, true],
      ["anthropic:claude-sonnet-5", false, false],
      ["local:llama3:8b", false, true],
      ["gguf:FILE", false, false],
      ["offline", false, true],
    ]);
    expect(JSON.stringify(rows)).not.toContain(testKey);
  });

  test("are one for a model that has two names", async () => {
    const env = { OPENAI_BASE_URL: "http://localhost:11434/v1", OPENAI_MODEL: "llama3:8b" };
    const rows = await listAuthors(options({ env, probe: found }));
    const same = rows.filter(({ label }) => label.includes("llama3:8b"));
    expect(same).toMatchObject([
      {
        id: "local:llama3:8b",
        reason: "Ollama answers on this machine; the same as openai:llama3:8b",
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain("endpoint");
  });

  test("say what is missing", async () => {
    const rows = await listAuthors(options());
    expect(rows.map(({ id, chosen, available }) => [id, chosen, available])).toEqual([
      ["offline", true, true],
      ["openai:gpt-5-mini", false, false],
      ["anthropic:claude-sonnet-5", false, false],
      ["local", false, false],
      ["gguf:FILE", false, false],
    ]);
  });

  test("name what was asked for and cannot be", async () => {
    const [first] = await listAuthors(options({ author: "openai:gpt-5" }));
    expect(first).toMatchObject({ available: false, reason: "OPENAI_API_KEY is not set." });
    const rows = await listAuthors(options({ env: { OPENAI_BASE_URL: "?" } }));
    expect(rows.every(({ chosen }) => !chosen)).toBe(true);
  });
});

describe("probing", () => {
  /** A server on this machine that answers `GET /v1/models` as told. */
  async function serve(answer: (response: ServerResponse, headers: object) => void) {
    const server = createServer(({ headers }, response) => answer(response, headers));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
      name: "test",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      },
    };
  }
  const list = (...ids: unknown[]) => JSON.stringify({ data: ids.map((id) => ({ id })) });

  test("finds the models that can write, and sends no key", async () => {
    let seen: object = {};
    await using server = await serve((response, headers) => {
      seen = headers;
      response.end(list("nomic-embed-text", "llama3:8b", 7, "bad name", "whisper-1", "qwen3"));
    });
    expect(await probeLocalServers([server])).toMatchObject([{ models: ["llama3:8b", "qwen3"] }]);
    expect(seen).not.toHaveProperty("authorization");
  });

  test("includes the server of OPENAI_BASE_URL where that is on this machine", async () => {
    await using server = await serve((response) => response.end(list("mine")));
    const env = { OPENAI_BASE_URL: server.baseUrl };
    const { probe: _, ...real } = options({ author: "local:mine", env });
    expect(await chooseAuthor(real)).toMatchObject({ id: "local:mine" });
  });

  test.each([
    ["127.0.0.1:9999", "http://127.0.0.1:9999/v1"],
    [":9999", "http://127.0.0.1:9999/v1"],
    ["http://localhost:9999/", "http://localhost:9999/v1"],
    ["0.0.0.0:9999", "http://127.0.0.1:9999/v1"],
    ["localhost", "http://localhost:11434/v1"],
    ["192.0.2.1:9999", undefined],
    ["://", undefined],
    ["", undefined],
  ])("asks OLLAMA_HOST=%s where that is on this machine", (host, baseUrl) => {
    const [first] = localEndpointsOf({ OLLAMA_HOST: host });
    expect(first?.baseUrl).toBe(baseUrl ?? localEndpoints[0]?.baseUrl);
  });

  test("waits for no silent server and takes nothing odd for one", async () => {
    await using silent = await serve(() => {});
    await using endless = await serve((response) => {
      const timer = setInterval(() => response.write(" ".repeat(65_536)), 1);
      response.on("close", () => clearInterval(timer));
    });
    await using html = await serve((response) => response.end("<html>"));
    await using empty = await serve((response) => response.end('{"data":{}}'));
    await using failing = await serve((response) => response.writeHead(500).end(list("x")));
    await using away = await serve((response) =>
      response.writeHead(302, { location: "http://192.0.2.1/v1/models" }).end(),
    );
    await using good = await serve((response) => response.end(list("good")));
    const servers = await probeLocalServers([silent, endless, html, empty, failing, away, good]);
    expect(servers.map(({ models }) => models)).toEqual([["good"]]);
  });

  test("touches nothing but this machine", async () => {
    const fetch = vi.spyOn(globalThis, "fetch");
    try {
      const baseUrls = [
        "http://192.0.2.1/v1",
        "https://api.openai.com/v1",
        "http://127.0.0.1.evil",
      ];
      const far = baseUrls.map((baseUrl) => ({ name: "far", baseUrl }));
      expect(await probeLocalServers(far)).toEqual([]);
      expect(fetch).not.toHaveBeenCalled();
    } finally {
      fetch.mockRestore();
    }
    expect(localEndpoints.every(({ baseUrl }) => isLoopback(baseUrl))).toBe(true);
  });

  test.each([
    ["http://localhost:1/v1", true],
    ["http://127.9.9.9/v1", true],
    ["http://[::1]:8080", true],
    ["http://0.0.0.0:1", false],
    ["http://localhost.evil.example", false],
    ["http://127.0.0.1@evil.example", false],
    ["http://[::ffff:192.0.2.1]", false],
    ["nonsense", false],
  ])("%s is on this machine: %s", (url, is) => {
    expect(isLoopback(url)).toBe(is);
  });
});
