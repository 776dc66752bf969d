import type { InkwireError } from "@inkwire/core/protocol";
import { createClient, type TransportName } from "../../src/index.js";

/** Listens until it has as many messages as it was told, in whatever runtime this is, and prints what it heard. */
const [url = "", token = "", transport = "sse", total = "1"] = process.argv.slice(2);
const problems: string[] = [];
const client = createClient({
  url,
  token,
  transport: transport as TransportName,
  backoff: { baseMs: 5, capMs: 50 },
  // Over the other one it is as it is for somebody who has not thought of it.
  ...(transport === "sse" && { onProblem: ({ code }: InkwireError) => problems.push(code) }),
});
const stop = client.on("notification", () => {
  stop();
  throw new Error("A mistake of the program's own");
});
const numbers: number[] = [];
client.connect();
for await (const { data } of client.messages({ types: ["notification"] })) {
  if (numbers.push(Number(data.id)) >= Number(total)) break;
}
const { status } = await client.request("/api/books");
console.log(
  JSON.stringify({ numbers, status, problems, counts: client.counts, userId: client.userId }),
);
client.close();
