// An HTTP server of one's own with inkwire in it: POST /orders begins an order, GET /events and /ws tell how it goes.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createJobs, createTokenIssuer, createTokenVerifier, openHome } from "@inkwire/core";
import { createInkwire } from "@inkwire/core/server";
import * as v from "valibot";
import { messages } from "./messages.js";
import { createShipOrder } from "./ship-order.js";

const secret = process.env["ORDERS_SECRET"] ?? randomBytes(32).toString("base64");
const packMs = Number(process.env["ORDERS_PACK_MS"] ?? 1000);
const auth = { secret };
const Order = v.object({
  parcels: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.minLength(1), v.maxLength(100)),
});
/** @param {string} line */
const log = (line) => process.stdout.write(`${line}\n`);

const home = await openHome(process.env["ORDERS_HOME"] ?? "./data");
const inkwire = await createInkwire({ auth, home, messages });
const verifier = createTokenVerifier(auth);
const jobs = createJobs({
  home,
  pipelines: [createShipOrder({ packMs, log })],
  onReport: ({ type, job }) =>
    void inkwire.bus.publish(`user/${job.owner}`, "order_update", {
      order: job.id,
      status: job.status,
      progress: job.progress,
      text: type.replace("_", " "),
    }),
});

const server = createServer((req, res) => {
  if (req.method === "POST" && req.url === "/orders") {
    take(req).then(
      (answer) => send(res, 202, answer),
      (error) => send(res, error.code === "invalid_order" ? 400 : 401, { error: error.message }),
    );
  } else inkwire.listener(req, res);
});
server.on("upgrade", (req, socket, head) => {
  if (!inkwire.upgrade(req, socket, head)) socket.destroy();
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1");
await once(server, "listening");
const address = server.address();
log(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
log(await createTokenIssuer(auth).issue({ userId: "42" }));
// What a killed process left goes on.
await jobs.recover();

process.once("SIGINT", () => void end());
process.once("SIGTERM", () => void end());

async function end() {
  server.close();
  await inkwire.drain();
  await jobs.close();
  await inkwire.close();
  await home.close();
  process.exit(0);
}

/** Puts an order in line. @param {import("node:http").IncomingMessage} req */
async function take(req) {
  const { userId } = await verifier.verify(req.headers.authorization?.replace(/^Bearer /, ""));
  let body = "";
  for await (const piece of req) {
    body += String(piece);
    if (body.length > 16_384) throw invalid("An order has at most 16 KiB.");
  }
  const order = v.safeParse(Order, parse(body));
  if (!order.success) throw invalid("Expected parcels: 1 to 100 texts.");
  const job = await jobs.enqueue("ship_order", order.output, { owner: userId });
  return { order: job.id };
}

/** @param {string} body @returns {unknown} */
function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** @param {string} message */
function invalid(message) {
  return Object.assign(new Error(message), { code: "invalid_order" });
}

/** @param {import("node:http").ServerResponse} res @param {number} status @param {unknown} body */
function send(res, status, body) {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
