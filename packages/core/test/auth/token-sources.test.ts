import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readToken, readWebSocketToken, redactUrl } from "../../src/auth/token-sources.js";
import { forge, goodClaims } from "./support/forge.js";

const request = (url: string, headers: Record<string, string> = {}) => ({
  url,
  headers: new Headers(headers),
});
const all = { query: true };

describe("the token of a request", () => {
  it("is the one of the header before the one of the address", () => {
    const both = request("/events?token=b", { authorization: "Bearer a" });

    expect(readToken(both, all)).toBe("a");
  });

  it.each(["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c  "])(
    "is read from %j",
    (authorization) => {
      expect(readToken(request("/events", { authorization }), all)).toBe("a.b.c");
    },
  );

  it.each(["Basic YTpi", "Bearer", "Bearer ", "Bearera.b.c", "Bearer a b"])(
    "is not read from %j",
    (authorization) => {
      expect(readToken(request("/events", { authorization }), all)).toBeUndefined();
    },
  );

  it.each(["/events?token=a.b.c", "https://host/events?x=1&token=a.b.c#token=z", "?token=a%2Eb.c"])(
    "is read from the address %j",
    (url) => expect(readToken(request(url), all)).toBe("a.b.c"),
  );

  it.each(["/events", "/events?", "/events?token=", "/events?tokens=a", "/token=a", "//", "%"])(
    "is not in the address %j",
    (url) => expect(readToken(request(url), all)).toBeUndefined(),
  );

  it("is not read from the address where that is switched off", () => {
    expect(readToken(request("/events?token=a"), { query: false })).toBeUndefined();
    expect(readWebSocketToken(request("/ws?token=a"), { query: false })).toBeUndefined();
  });
});

describe("the token of a WebSocket", () => {
  const offer = (protocols: string) => ({ "sec-websocket-protocol": protocols });

  it("is the header's, then the address's, then the offered subprotocol's", () => {
    const offered = offer("inkwire.v1, inkwire.token.c");
    const withHeader = { ...offered, authorization: "Bearer a" };

    expect(readWebSocketToken(request("/ws?token=b", withHeader), all)).toBe("a");
    expect(readWebSocketToken(request("/ws?token=b", offered), all)).toBe("b");
    const tight = offer("inkwire.v1,inkwire.token.a.b.c");
    expect(readWebSocketToken(request("/ws", tight), { query: false })).toBe("a.b.c");
  });

  it.each(["inkwire.v1", "inkwire.v1, inkwire.token.", "token.a", ""])(
    "is not in the offer %j",
    (protocols) => {
      expect(readWebSocketToken(request("/ws", offer(protocols)), all)).toBeUndefined();
    },
  );

  it("is not read from a subprotocol of an SSE request", () => {
    expect(readToken(request("/events", offer("inkwire.token.a")), all)).toBeUndefined();
  });
});

describe("an address for the log", () => {
  it.each([
    ["/events?topics=book/7&token=abc&x=1", "/events?topics=book/7&token=[redacted]&x=1"],
    ["/events?token=a&token=b", "/events?token=[redacted]&token=[redacted]"],
    ["/events?%74oken=abc", "/events?token=[redacted]"],
    ["/events?TOKEN=abc", "/events?TOKEN=[redacted]"],
    ["/events?+token=abc", "/events?token=[redacted]"],
    ["/cb?access_token=abc", "/cb?access_token=[redacted]"],
    ["/events?token", "/events?token=[redacted]"],
    ["https://ada:pw@host/x?y=1", "https://host/x?y=1"],
    ["/books/7?from=100", "/books/7?from=100"],
    ["", ""],
  ])("is without its token: %j", (url, expected) => expect(redactUrl(url)).toBe(expected));

  it("holds no JWT, wherever it stands", () => {
    const jwt = forge(goodClaims());
    const [, claims = "", signature = ""] = jwt.split(".");
    fc.assert(
      fc.property(
        fc.webPath(),
        fc.constantFrom("?q=", "?token=", "/", "#", "?a=1&b="),
        (path, before) => {
          const logged = redactUrl(`${path}${before}${jwt}`);
          expect(logged).not.toContain(claims);
          expect(logged).not.toContain(signature);
        },
      ),
    );
  });
});
