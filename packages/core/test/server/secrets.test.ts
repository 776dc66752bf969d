import { expect, it } from "vitest";
import { createTokenIssuer } from "../../src/auth/issuer.js";
import { InkwireError } from "../../src/protocol/index.js";
import { openServerRoom, SECRET } from "./support/server-room.js";

it("lets no token, secret, path or stack into a log line or an answer, whatever is asked and goes wrong", async () => {
  await using room = await openServerRoom({
    books: {
      authors: {
        resolve: async (request) => {
          if (request.title === "Broken") throw new TypeError(`boom at /srv/${SECRET}/x.ts`);
          throw new InkwireError("storage_failed", "Can't write /srv/private/records/7.", {
            retryable: true,
          });
        },
      },
    },
  });
  const { ask, inkwire } = room;
  const { url } = await inkwire.listen();
  const token = await room.token("ada");
  const old = await createTokenIssuer({ secret: SECRET, now: () => 0 }).issue({ userId: "ada" });
  const texts: string[] = [];
  const note = (answer: { text: string; headers: Headers }): void =>
    void texts.push(answer.text, JSON.stringify([...answer.headers]));

  for (const given of [token, old, `${token}x`, "a.b.c"]) {
    const headers = { authorization: `Bearer ${given}` };
    note(await ask("GET /api/books", { headers }));
    note(await ask(`GET /nowhere?token=${given}&a=${given}`, { headers }));
    note(await ask(`GET /api/books?access_token=${given}`, { headers }));
    note(await ask(`GET /events?token=${given}&topics=book/1`));
    note(await ask(`GET /ws?token=${given}`));
    note(await ask(`GET /${given}`));
  }
  const broken = await ask("POST /api/books", { as: "ada", body: { title: "Broken" } });
  expect(broken).toMatchObject({
    status: 500,
    json: { code: "internal", detail: "Something went wrong inside inkwire." },
  });
  const full = await ask("POST /api/books", { as: "ada", body: { title: "Full" } });
  expect(full).toMatchObject({ status: 503, json: { code: "storage_failed", retryable: true } });
  note(broken);
  note(full);
  const ws = new WebSocket(`${url.replace("http", "ws")}/ws?token=${token}`, [
    "inkwire.v1",
    `inkwire.token.${token}`,
  ]);
  await new Promise((resolve) => ws.addEventListener("message", resolve, { once: true }));
  expect(ws.protocol).toBe("inkwire.v1");
  ws.close();
  await expect.poll(() => room.log.some((line) => line.includes("connection closed"))).toBe(true);

  const answers = texts.join("\n");
  expect(answers).not.toMatch(/\/srv\/|at .*\.ts|TypeError|boom/);
  const log = room.log.join("\n");
  expect(log).toContain("boom");
  for (const secret of [token, old, token.split(".")[2] ?? ""]) {
    expect(answers).not.toContain(secret);
    expect(log).not.toContain(secret);
  }
});
