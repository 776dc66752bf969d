import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { Author } from "../../../../src/books/authors/author.js";
import { createOpenAICompatibleAuthor } from "../../../../src/books/authors/model/providers/openai-compatible.js";
import {
  beginStream,
  chunk,
  endOfStream,
  startRawServer,
  textChunk,
} from "../../../support/llm/raw-server.js";
import { recordedCall, sampleRequest, sampleTask } from "../../../support/llm/requests.js";

/** Writes chapter 1 and gives back the error and the text that came before it. */
async function fail(author: Author) {
  const call = recordedCall();
  const error = await author.chapter(sampleTask(), call).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, text: call.text };
}

describe("a server that falls silent", () => {
  test("after some text is retryable", async () => {
    await using server = await startRawServer((response) => {
      beginStream(response);
      response.write(textChunk("The sea was calm. "));
    });
    const { error, text } = await fail(server.author({ firstChunkMs: 10_000, chunkMs: 150 }));
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
    expect(String(error)).toContain("fell silent");
    expect(text).toBe("The sea was calm. ");
  });

  test("before the first word is retryable, heartbeats notwithstanding", async () => {
    await using server = await startRawServer((response) => {
      beginStream(response);
      const timer = setInterval(() => response.write(": still here\n\n"), 20);
      response.on("close", () => clearInterval(timer));
    });
    const { error } = await fail(server.author({ firstChunkMs: 200, chunkMs: 10_000 }));
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
  });

  test("before its headers is retryable", async () => {
    await using server = await startRawServer(() => {});
    const { error } = await fail(server.author({ firstChunkMs: 200 }));
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
  });

  test("has its connection closed", async () => {
    const closed = Promise.withResolvers<string>();
    await using server = await startRawServer((response) => {
      response.on("close", () => closed.resolve("closed"));
      beginStream(response);
    });
    await fail(server.author({ firstChunkMs: 100 }));
    expect(await closed.promise).toBe("closed");
  });
});

describe("a server that sends", () => {
  async function answer(write: (response: ServerResponse) => void | Promise<void>) {
    await using server = await startRawServer((response) => write(response));
    return await fail(server.author());
  }

  test("no finish reason has not finished", async () => {
    const { error, text } = await answer((response) => {
      beginStream(response);
      response.end(`${textChunk("All there is. ")}data: [DONE]\n\n`);
    });
    expect(error).toMatchObject({ code: "output_truncated", retryable: true });
    expect(text).toBe("All there is. ");
  });

  test("an error object in the middle has failed", async () => {
    const { error } = await answer((response) => {
      beginStream(response);
      response.write(textChunk("Some. "));
      response.write('data: {"error":{"message":"out of memory","code":500}}\n\n');
      response.end(endOfStream());
    });
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
    expect(String(error)).toContain("out of memory");
  });

  test("JSON of another shape has failed", async () => {
    const { error } = await answer((response) => {
      beginStream(response);
      response.end(`data: {"choices":"none"}\n\n${endOfStream()}`);
    });
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
  });

  test.each([
    ["text/html", "a web page"],
    ["application/json; charset=utf-8", "a whole document"],
  ])("%s instead of a stream is told so", async (type, named) => {
    const { error } = await answer((response) => {
      response.writeHead(200, { "content-type": type }).end("<html>{}</html>");
    });
    expect(error).toMatchObject({ code: "provider_failed", retryable: false });
    expect(String(error)).toContain(named);
  });

  test("a refusal of any size is read in part", async () => {
    const { error } = await answer(async (response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      for (let index = 0; index < 100 && !response.destroyed; index++) {
        if (!response.write("no ".repeat(40_000))) await once(response, "drain").catch(() => {});
      }
      response.end();
    });
    expect(error).toMatchObject({ code: "provider_failed", retryable: true });
    expect(String(error).length).toBeLessThan(400);
  });

  test("a line of ten megabytes is stopped early", async () => {
    let sent = 0;
    const { error } = await answer(async (response) => {
      beginStream(response);
      response.write('data: {"choices":[{"delta":{"content":"');
      const closed = once(response, "close");
      while (sent < 10_000_000 && !response.destroyed) {
        sent += 65_536;
        if (!response.write("x".repeat(65_536))) {
          await Promise.race([once(response, "drain"), closed]);
        }
      }
    });
    expect(error).toMatchObject({ code: "output_invalid", retryable: false });
  });

  test("ten megabytes of text without a line break is stopped at the chapter's bound", async () => {
    const { error, text } = await answer(async (response) => {
      beginStream(response);
      const closed = once(response, "close");
      for (let sent = 0; sent < 10_000_000 && !response.destroyed; sent += 50_000) {
        if (!response.write(textChunk("x".repeat(50_000)))) {
          await Promise.race([once(response, "drain"), closed]);
        }
      }
      response.end(endOfStream());
    });
    expect(error).toMatchObject({ code: "output_invalid", retryable: false });
    expect(text.length).toBeLessThan(200_000);
  });

  test("endless thinking without text is stopped", async () => {
    const { error } = await answer(async (response) => {
      beginStream(response);
      const closed = once(response, "close");
      const thought = chunk({ reasoning_content: "hm ".repeat(100_000) });
      while (!response.destroyed) {
        if (!response.write(thought)) await Promise.race([once(response, "drain"), closed]);
      }
    });
    expect(error).toMatchObject({ code: "output_invalid", retryable: false });
  });

  test("bytes that are no UTF-8 gives text all the same", async () => {
    const { error, text } = await answer((response) => {
      beginStream(response);
      const bytes = Buffer.from(textChunk("Salt@water. "), "utf8");
      bytes[bytes.indexOf("@")] = 0xff;
      response.write(bytes);
      response.end(endOfStream());
    });
    expect(error).toBeUndefined();
    expect(text).toBe("Salt\uFFFDwater. ");
  });

  test("every byte by itself gives the same text", async () => {
    const { error, text } = await answer(async (response) => {
      beginStream(response);
      const bytes = Buffer.from(`${textChunk("海 and 😀 and sea. ")}${endOfStream()}`);
      for (const byte of bytes) {
        response.write(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });
    expect(error).toBeUndefined();
    expect(text).toBe("海 and 😀 and sea. ");
  });

  test("no usage has it estimated", async () => {
    await using server = await startRawServer((response) => {
      beginStream(response);
      response.end(textChunk("x".repeat(400)) + endOfStream("eos"));
    });
    const { usage } = await server.author().chapter(sampleTask(), recordedCall());
    expect(usage).toMatchObject({ outputTokens: 100, estimated: true });
    expect(usage?.inputTokens).toBeGreaterThan(100);
  });
});

describe("a server that is not there", () => {
  test("is unreachable, which may change", async () => {
    const server = await startRawServer(() => {});
    const author = server.author();
    await server[Symbol.asyncDispose]();
    const { error } = await fail(author);
    expect(error).toMatchObject({ code: "provider_unreachable", retryable: true });
  });

  test("by its name is unreachable", async () => {
    const author = createOpenAICompatibleAuthor({
      provider: "openai",
      model: "m",
      baseUrl: "http://nowhere.invalid/v1",
    });
    const { error } = await fail(author);
    expect(error).toMatchObject({ code: "provider_unreachable", retryable: true });
  });

  test.each(["ftp://x/v1", "x", "", "http://user:secret@x/v1", "http://x/v1?key=secret"])(
    "as it is no base URL, %j, is refused without repeating it",
    (baseUrl) => {
      const make = () => createOpenAICompatibleAuthor({ provider: "openai", model: "m", baseUrl });
      expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
      expect(make).not.toThrow(/secret/);
    },
  );
});

describe("cancelling", () => {
  test("rejects with the signal's reason and closes the model's socket", async () => {
    const closed = Promise.withResolvers<number>();
    await using server = await startRawServer((response) => {
      response.on("close", () => closed.resolve(performance.now()));
      beginStream(response);
      const timer = setInterval(() => response.write(textChunk("wave and wave ")), 2);
      response.on("close", () => clearInterval(timer));
    });
    const call = recordedCall();
    const reason = new Error("enough");
    const writing = server.author().chapter(sampleTask(), call);
    await call.reached(50);
    const abortedAt = performance.now();
    call.abort(reason);
    await expect(writing).rejects.toBe(reason);
    const written = call.text;
    // The promise is 50 ms; a busy machine is given more before this fails.
    expect((await closed.promise) - abortedAt).toBeLessThan(500);
    expect(call.text).toBe(written);
  });

  test("works before the first byte, for outlines too", async () => {
    const asked = Promise.withResolvers<void>();
    await using server = await startRawServer(() => asked.resolve());
    const call = recordedCall();
    const reason = new Error("enough");
    const planning = server.author().outline(sampleRequest(), call);
    await asked.promise;
    call.abort(reason);
    await expect(planning).rejects.toBe(reason);
  });

  test("beforehand makes no request", async () => {
    await using server = await startRawServer(() => {});
    const call = recordedCall();
    call.abort(new Error("enough"));
    await expect(server.author().chapter(sampleTask(), call)).rejects.toThrow("enough");
    expect(server.count).toBe(0);
  });
});

test("what write throws ends the request and is thrown on", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await startRawServer((response) => {
    response.on("close", closed.resolve);
    beginStream(response);
    const timer = setInterval(() => response.write(textChunk("wave and wave ")), 2);
    response.on("close", () => clearInterval(timer));
  });
  const full = new Error("the disk is full");
  const call = {
    signal: new AbortController().signal,
    write: () => {
      throw full;
    },
  };
  await expect(server.author().chapter(sampleTask(), call)).rejects.toBe(full);
  await closed.promise;
});
