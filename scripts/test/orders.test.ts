import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const path = fileURLToPath(new URL("../../examples/orders/server.js", import.meta.url));
let home: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "inkwire-orders-"));
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
});

interface Shop {
  readonly child: ChildProcess;
  readonly url: string;
  readonly headers: { readonly authorization: string };
  /** What was printed after the address and the token. */
  readonly log: string[];
}

async function openShop(packMs: number): Promise<Shop> {
  const child = spawn(process.execPath, [path], {
    env: {
      ...process.env,
      ORDERS_HOME: home,
      ORDERS_PACK_MS: String(packMs),
      ORDERS_SECRET: "a secret of at least 32 bytes, for a test",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  // All by one listener: a parcel that is packed at once may come with the token, in one piece.
  const log: string[] = [];
  createInterface(child.stdout).on("line", (line) => log.push(line));
  await expect.poll(() => log.length).toBeGreaterThanOrEqual(2);
  const [url = "", token = ""] = log.splice(0, 2);
  return { child, url, headers: { authorization: `Bearer ${token}` }, log };
}

const order = (shop: Shop, body: string): Promise<Response> =>
  fetch(`${shop.url}/orders`, { method: "POST", headers: shop.headers, body });

interface Update {
  readonly order: string;
  readonly status: string;
  readonly progress: number;
}

/** The updates of a shop's events, until one says that an order is completed. */
async function follow(events: Response): Promise<Update[]> {
  const updates: Update[] = [];
  let text = "";
  for await (const bytes of events.body ?? []) {
    text += new TextDecoder().decode(bytes);
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      if (!block.includes("event: order_update")) continue;
      const { data } = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "") as { data: Update };
      updates.push(data);
      if (data.status === "completed") return updates;
    }
  }
  throw new Error("the stream ended before the order did");
}

it("follows an order through a server of one's own, by messages and a pipeline of one's own", async () => {
  const shop = await openShop(5);
  const events = await fetch(`${shop.url}/events`, { headers: shop.headers });
  const answer = await order(shop, JSON.stringify({ parcels: ["a lamp", "a chair", "a book"] }));
  expect(answer.status).toBe(202);
  const { order: id } = (await answer.json()) as { order: string };
  const updates = await follow(events);
  expect(new Set(updates.map((update) => update.order))).toEqual(new Set([id]));
  const progress = updates.map((update) => update.progress);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(updates.at(-1)).toMatchObject({ status: "completed", progress: 100 });
  // Its output comes by another pipe than its messages.
  await expect
    .poll(() => shop.log.toSorted())
    .toEqual(["packed a book", "packed a chair", "packed a lamp"]);
});

it("goes on after a kill, and packs nothing twice that was packed", async () => {
  const first = await openShop(400);
  const parcels = Array.from({ length: 8 }, (_, index) => `parcel ${index + 1}`);
  await order(first, JSON.stringify({ parcels }));
  await expect.poll(() => first.log.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(4);
  first.child.kill("SIGKILL");
  await once(first.child, "exit");

  // Slow enough to be followed before it has packed the rest.
  const second = await openShop(1_000);
  const events = await fetch(`${second.url}/events`, { headers: second.headers });
  await follow(events);
  await expect.poll(() => new Set([...first.log, ...second.log]).size).toBe(8);
  const packed = [...first.log, ...second.log];
  // Only the two that were on the table when it was killed may have been begun again.
  expect(packed.length).toBeLessThanOrEqual(10);
  expect(second.log.length).toBeLessThanOrEqual(6);
});

it.each([
  ["no JSON", "{", 400],
  ["no parcels", '{"parcels":[]}', 400],
  ["too much", JSON.stringify({ parcels: ["x".repeat(20_000)] }), 400],
])("refuses %s", async (_name, body, status) => {
  const shop = await openShop(5);
  expect((await order(shop, body)).status).toBe(status);
  const stranger = { ...shop, headers: { authorization: "Bearer nobody" } };
  expect((await order(stranger, '{"parcels":["a"]}')).status).toBe(401);
});
