// An Express application that has routes and a login of its own, and gets live messages below /live.
import { createServer } from "node:http";
import { createInkwire } from "@inkwire/core/server";
import express from "express";
import { createSessions } from "./sessions.js";

const sessions = createSessions();
const inkwire = await createInkwire({ auth: { verifier: sessions }, basePath: "/live" });

const app = express();
// Before anything that reads bodies. `all` leaves the path whole, which is what `basePath` expects.
app.all("/live/{*path}", inkwire.listener);

app.use(express.json());
app.post("/login", (req, res) => {
  const session = sessions.open(req.body?.name, req.body?.password);
  if (session === undefined) return res.status(401).json({ error: "Wrong name or password." });
  res.cookie("sid", session.id, { httpOnly: true, sameSite: "lax" });
  return res.json({ user: session.userId });
});

app.use((req, res, next) => {
  req.session = sessions.ofCookie(req.headers.cookie);
  if (req.session === undefined) res.status(401).json({ error: "Sign in first." });
  else next();
});

// For `createClient({ token: () => fetch("/live-token").then((answer) => answer.text()) })`.
app.get("/live-token", (req, res) =>
  res.set("Cache-Control", "no-store").type("text").send(req.session.liveToken),
);

app.post("/orders", async (req, res) => {
  const order = { id: 7, item: String(req.body?.item ?? "a lamp") };
  await inkwire.notify.success(req.session.userId, {
    title: "Ordered",
    message: `${order.item} is on its way.`,
    actionUrl: `/orders/${order.id}`,
  });
  res.status(201).json(order);
});

app.post("/logout", (req, res) => {
  sessions.close(req.session);
  // What is open ends now, not when the token would have.
  inkwire.connections.revoke(req.session.liveToken);
  res.clearCookie("sid").end();
});

const server = createServer(app);
server.on("upgrade", (req, socket, head) => inkwire.upgrade(req, socket, head) || socket.destroy());
server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.once("SIGTERM", () => void inkwire.drain().finally(() => process.exit()));
