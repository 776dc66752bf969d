// A Hono application with a login of its own: API keys. It gets live messages below /live.
import { serve } from "@hono/node-server";
import { InkwireError } from "@inkwire/core/protocol";
import { createInkwire } from "@inkwire/core/server";
import { Hono } from "hono";

const KEYS = new Map([
  ["key-of-ada-0001", "ada"],
  ["key-of-ben-0002", "ben"],
]);
const FOREVER_MS = 10 * 365 * 86_400_000;

const inkwire = await createInkwire({
  basePath: "/live",
  auth: {
    verifier: {
      async verify(key) {
        if (key === undefined) throw new InkwireError("token_missing", "Bring an API key.");
        const userId = KEYS.get(key);
        if (userId === undefined) throw new InkwireError("token_invalid", "No such API key.");
        return { userId, scopes: new Set(), topics: [], expiresAt: Date.now() + FOREVER_MS };
      },
    },
  },
  // A topic of the application: everybody of the team reads it.
  canSubscribe: (_who, topic) => (topic === "team/blue" ? true : undefined),
});

const app = new Hono();
app.all("/live/*", (c) => inkwire.fetch(c.req.raw));

app.use(async (c, next) => {
  const userId = KEYS.get(c.req.header("x-api-key") ?? "");
  if (userId === undefined) return c.json({ error: "Bring an API key." }, 401);
  c.set("userId", userId);
  return next();
});
app.post("/reports", async (c) => {
  const userId = String(c.get("userId"));
  await inkwire.notify.info(userId, { title: "Report", message: "Yours is being made." });
  await inkwire.bus.publish("team/blue", "system_notification", {
    title: "Reports",
    message: `${userId} asked for one.`,
  });
  return c.json({ report: 1 }, 202);
});

const server = serve(
  { fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 3000) },
  ({ port }) => process.stdout.write(`http://127.0.0.1:${port}\n`),
);
server.on("upgrade", (req, socket, head) => inkwire.upgrade(req, socket, head) || socket.destroy());
process.once("SIGTERM", () => void inkwire.drain().finally(() => process.exit()));
