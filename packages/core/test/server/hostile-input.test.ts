import { expect, it } from "vitest";
import { openServerRoom, type ServerRoom } from "./support/server-room.js";
import { openSse } from "./support/sse-reader.js";
import { rawRequest } from "./support/raw-request.js";

async function open(
  room: ServerRoom,
): Promise<{ port: number; post: (body: string, ...headers: string[]) => string[] }> {
  const { port } = await room.inkwire.listen();
  const token = await room.token("ada");
  return {
    port,
    post: (body, ...headers) => [
      [
        "POST /api/books HTTP/1.1",
        "host: localhost",
        `authorization: Bearer ${token}`,
        `content-length: ${Buffer.byteLength(body, "latin1")}`,
        ...headers,
        "",
        body,
      ].join("\r\n"),
    ],
  };
}

const json = "content-type: application/json";
const good = '{"title":"Tides","chapters":1,"words":300}';

it.each([
  ["no JSON", "{nope", [json]],
  ["half a JSON", '{"title":', [json]],
  ["a form", good, ["content-type: text/plain"]],
  ["no content type", good, []],
  ["another charset", good, ["content-type: application/json; charset=latin1"]],
  ["bytes that are no UTF-8", '{"title":"\xff\xfe"}', [json]],
  ["two content types", good, [json, "content-type: text/plain"]],
])(
  "refuses %s as a body, quotes none of it, and goes on serving the connection",
  async (_name, body, headers) => {
    await using room = await openServerRoom();
    const { port, post } = await open(room);
    const { status, body: answer, head } = await rawRequest(port, ...post(body, ...headers));
    expect(status).toBe(400);
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    expect(JSON.parse(answer)).toMatchObject({ code: "bad_request" });
    expect(answer).not.toContain("nope");
    expect((await rawRequest(port, ...post(good, json))).status).toBe(202);
  },
);

it("takes JSON with a charset, in any case, after a byte order mark or without", async () => {
  await using room = await openServerRoom();
  const { port, post } = await open(room);
  const type = 'Content-Type: Application/JSON; Charset="UTF-8"';
  expect((await rawRequest(port, ...post(good, type))).status).toBe(202);
  expect((await rawRequest(port, ...post(`\xef\xbb\xbf${good}`, type))).status).toBe(202);
});

it("answers 413 to a body over the limit, announced or not, without reading it", async () => {
  await using room = await openServerRoom();
  const { port, post } = await open(room);
  const large = `{"title":"${"x".repeat(70_000)}"}`;
  const announced = await rawRequest(port, ...post(large, json));
  expect(announced.status).toBe(413);
  expect(JSON.parse(announced.body)).toMatchObject({ code: "too_large" });

  const token = await room.token("ada");
  const head = `POST /api/books HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${json}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
  const chunked = await rawRequest(port, head, chunk, chunk, chunk, chunk, chunk);
  expect(chunked.status).toBe(413);
});

it("refuses what is no request with its connection: headers over the limit, two lengths, no host, garbage", async () => {
  await using room = await openServerRoom();
  const { port, post } = await open(room);
  const [request = ""] = post(good, json);
  const huge = request.replace(
    "host: localhost",
    `host: localhost\r\nx-more: ${"x".repeat(20_000)}`,
  );
  expect((await rawRequest(port, huge)).status).toBe(431);
  expect(
    (await rawRequest(port, request.replace(json, `${json}\r\ncontent-length: 3`))).status,
  ).toBe(400);
  expect((await rawRequest(port, request.replace("host: localhost\r\n", ""))).status).toBe(400);
  expect((await rawRequest(port, "\x16\x03\x01\x02\x00\r\n\r\n")).status).toBe(400);
  const smuggled = request.replace(json, `${json}\r\ntransfer-encoding: chunked`);
  expect((await rawRequest(port, smuggled)).status).toBe(400);
});

it("refuses an address that is too long, and one that can't be decoded", async () => {
  await using room = await openServerRoom();
  const { port } = await open(room);
  const token = await room.token("ada");
  const get = (path: string) =>
    rawRequest(port, `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
  const long = await get(`/api/books?cursor=${"x".repeat(9_000)}`);
  expect(long.status).toBe(413);
  expect(JSON.parse(long.body)).toMatchObject({ code: "too_large" });
  for (const path of ["/%", "/api/%ZZ", "/api/books/%ff", "//api/books", "/api/../status/..%2f"]) {
    expect((await get(path)).status, path).toBe(404);
  }
  // A whole address, as a proxy sends it, names another host: the path alone counts.
  expect((await get("http://elsewhere.example/api/books")).status).toBe(200);
});

it("takes two tokens for none, rather than choosing", async () => {
  await using room = await openServerRoom();
  const { port } = await open(room);
  const tokens = [await room.token("ada"), await room.token("bob")];
  const head = tokens.map((token) => `authorization: Bearer ${token}\r\n`).join("");
  const { status } = await rawRequest(port, `GET /api/books HTTP/1.1\r\nhost: x\r\n${head}\r\n`);
  expect(status).toBe(401);
});

it("repeats only a request id that is one, and writes nothing foreign into a log line", async () => {
  await using room = await openServerRoom();
  const { port } = await open(room);
  const get = (...headers: string[]) =>
    rawRequest(
      port,
      `GET /nowhere%0A{"level":"error"}?a=%0D%0A HTTP/1.1\r\nhost: x\r\n${headers.join("\r\n")}\r\n\r\n`,
    );
  expect((await get("x-request-id: trace-1.a:b")).head).toMatch(/x-request-id: trace-1\.a:b/i);
  for (const id of ["a b", 'a"b', "ü", "x".repeat(65), "<script>", "a\tb"]) {
    const { head, body } = await get(`x-request-id: ${id}`);
    expect(head).toMatch(/x-request-id: [0-9a-f-]{36}/i);
    expect(body).not.toContain(id);
  }
  await get("x-request-id: a", "x-request-id: b");
  expect(room.log.length).toBeGreaterThan(6);
  for (const line of room.log) {
    expect(line).not.toMatch(/[\n\r]/);
    expect((JSON.parse(line) as { level: string }).level).not.toBe("error");
  }
});

it("survives hundreds of random requests, answers each, and says nothing of its inside", async () => {
  await using room = await openServerRoom();
  const { port } = await open(room);
  const seed = Date.now() % 2 ** 31;
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const token = await room.token("ada");
  for (let round = 0; round < 300; round += 1) {
    const method = pick(["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"]);
    const path = pick([
      "/api/books",
      "/api/books/1",
      "/api/notifications",
      "/api/books/1/export",
      "/",
      "/status",
      "/events/x/token",
    ]);
    const query = pick([
      "",
      "?",
      "?limit=%00",
      "?a[]=1&a[]=2",
      "?__proto__=1",
      "?limit=1e9",
      "?cursor=..",
      `?${"&".repeat(50)}`,
    ]);
    const body = pick([
      "",
      "null",
      "[]",
      "1",
      '"x"',
      "{}",
      '{"__proto__":{}}',
      '{"title":{"$ne":1}}',
      "\u0000",
    ]);
    const response = await fetch(`http://127.0.0.1:${port}${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(method !== "GET" && method !== "HEAD" && { body }),
    });
    const text = await response.text();
    expect(response.status, `seed ${seed}, ${method} ${path}${query} ${body}`).toBeLessThan(500);
    expect(text).not.toMatch(/node_modules|at .*\.ts|Error:/);
  }
});

it("closes on who sends a request drop by drop, and leaves a stream alone that says nothing for longer", async () => {
  await using room = await openServerRoom();
  const { port, url } = await room.inkwire.listen({ headersTimeoutMs: 400, requestTimeoutMs: 400 });
  await using stream = await openSse(`${url}/events?token=${await room.token("ada")}`);
  await stream.first("wire.hello");
  const headers = await rawRequest(port, "GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ");
  expect(headers.status).toBe(408);
  // Nor does who connects and says nothing.
  expect((await rawRequest(port, "")).status).toBe(408);
  const body = await rawRequest(
    port,
    `POST /api/books HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await room.token("ada")}\r\n${json}\r\ncontent-length: 100\r\n\r\n{`,
  );
  expect([400, 408]).toContain(body.status);
  expect(stream.isOpen).toBe(true);
  await room.inkwire.notify.info("ada", { title: "Still here", message: "…" });
  await expect.poll(() => JSON.stringify(stream.messages)).toContain("Still here");
});
