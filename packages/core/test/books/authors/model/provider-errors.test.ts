import { APICallError, InvalidResponseDataError, JSONParseError } from "ai";
import { describe, expect, test } from "vitest";
import { InkwireError } from "../../../../src/protocol/index.js";
import { toProviderError } from "../../../../src/books/authors/model/provider-errors.js";
import { parseRetryAfter } from "../../../../src/books/authors/model/retry-after.js";
import { testKey } from "../../../support/llm/mock-llm.js";

const now = Date.parse("2026-11-22T21:00:00Z");
const context = { who: "mock at 127.0.0.1", secrets: [testKey], now: () => now };

function http(statusCode: number, responseBody = "", responseHeaders: Record<string, string> = {}) {
  return new APICallError({
    message: "refused",
    url: "http://127.0.0.1/v1/chat/completions",
    requestBodyValues: { secret: "prompt" },
    statusCode,
    responseBody,
    responseHeaders,
  });
}

function network(code: string): Error {
  return new APICallError({
    message: "Cannot connect",
    url: "",
    requestBodyValues: { secret: "prompt" },
    cause: Object.assign(new Error("connect"), { code }),
  });
}

describe("a status becomes a code", () => {
  test.each([
    [400, "provider_failed", false],
    [401, "author_refused_key", false],
    [402, "author_unavailable", false],
    [403, "author_refused_key", false],
    [404, "author_unavailable", false],
    [408, "provider_failed", true],
    [413, "provider_failed", false],
    [422, "provider_failed", false],
    [429, "provider_busy", true],
    [500, "provider_failed", true],
    [501, "provider_failed", false],
    [503, "provider_failed", true],
    [529, "provider_busy", true],
  ] as const)("%i is %s, retryable %s", (status, code, retryable) => {
    expect(toProviderError(http(status), context)).toMatchObject({ code, retryable });
  });

  test("429 without credit is not worth waiting for", () => {
    const error = http(429, '{"error":{"code":"insufficient_quota","message":"Quota exceeded"}}');
    expect(toProviderError(error, context)).toMatchObject({
      code: "author_unavailable",
      retryable: false,
    });
  });

  test("429 and 503 carry how long to wait", () => {
    for (const status of [429, 503]) {
      const error = toProviderError(http(status, "", { "retry-after": "7" }), context);
      expect(error.retryAfterMs).toBe(7_000);
    }
    expect(toProviderError(http(429), context).retryAfterMs).toBeUndefined();
  });
});

describe("what a provider says", () => {
  test("is kept short, on one line, and without keys", () => {
    const said = `Incorrect key ${testKey} or sk-proj-abc***xyz.\n\u001b[31mBearer abc.def ${"long ".repeat(500)}`;
    const error = toProviderError(http(401, JSON.stringify({ error: { message: said } })), context);
    expect(error.message).toMatch(
      /^mock at 127\.0\.0\.1 refused the key \(401\): Incorrect key \[key\]/,
    );
    expect(error.message).not.toMatch(/sk-|abc|\p{Cc}/u);
    expect(error.message.length).toBeLessThan(300);
    // Nothing of the request or the answer travels along either.
    expect(error.cause).toBeUndefined();
  });

  test.each([
    ['{"error":"text"}', ": text."],
    ['{"detail":"text"}', ": text."],
    ['{"message":"text."}', ": text."],
    ["plain text", ": plain text."],
    ["<!doctype html><p>nginx", "(500)."],
    ["", "(500)."],
    ["{".repeat(1000), "{ […]."],
    [`{"error":`.repeat(5_000) + "1" + "}".repeat(5_000), "(500)."],
  ])("is found in %.40j", (body, end) => {
    const { message } = toProviderError(http(500, body), context);
    expect(message.endsWith(end)).toBe(true);
  });
});

describe("what is no status", () => {
  test.each([
    ["ECONNREFUSED", "provider_unreachable", true],
    ["ENOTFOUND", "provider_unreachable", true],
    ["EAI_AGAIN", "provider_unreachable", true],
    ["UND_ERR_CONNECT_TIMEOUT", "provider_unreachable", true],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "provider_unreachable", false],
    ["ECONNRESET", "provider_failed", true],
    ["UND_ERR_SOCKET", "provider_failed", true],
  ] as const)("%s is %s, retryable %s", (code, ours, retryable) => {
    const error = toProviderError(network(code), context);
    expect(error).toMatchObject({ code: ours, retryable });
    // The cause is the system's error alone, not the one that holds the prompt.
    expect(JSON.stringify(error.cause)).not.toContain("prompt");
  });

  test.each([
    [new InvalidResponseDataError({ data: undefined }), "output_truncated"],
    [new JSONParseError({ text: "{", cause: new Error("x") }), "provider_failed"],
    [new TypeError("terminated"), "provider_failed"],
    [{ message: "slow down", type: "rate_limit_error" }, "provider_busy"],
    [{ message: "Overloaded", type: "overloaded_error" }, "provider_busy"],
    [{ message: "boom", code: "EXPLODED" }, "provider_failed"],
    ["boom", "provider_failed"],
    [undefined, "provider_failed"],
    [Object.create(null), "provider_failed"],
  ])("error part %# is retryable", (part: unknown, code) => {
    expect(toProviderError(part, context)).toMatchObject({ code, retryable: true });
  });

  test("an error of ours stays itself", () => {
    const ours = new InkwireError("output_invalid", "too long");
    expect(toProviderError(ours, context)).toBe(ours);
  });
});

describe("Retry-After", () => {
  test.each([
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": " 1.5 " }, 1_500],
    [{ "retry-after": "Sun, 22 Nov 2026 21:00:30 GMT" }, 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 20:00:00 GMT" }, 0],
    [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
    [{ "retry-after": "99999999999" }, 86_400_000],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{}, undefined],
  ] as const)("%j is %s", (headers, ms) => {
    expect(parseRetryAfter(headers, now)).toBe(ms);
  });
});
