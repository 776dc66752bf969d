/** `@inkwire/client/sse`: the client with SSE alone, in one tab, and so much smaller (docs/decisions/0003-client-size.md). */
import type { BookMessages, Catalog } from "@inkwire/core/protocol";
import { makeClient } from "./client.js";
import { createDriver } from "./connection/driver.js";
import { resolveClientOptions } from "./options.js";
import { only } from "./transports/only.js";
import { sse } from "./transports/sse.js";
import type { Client, ClientOptions } from "./types.js";

/** The options that SSE in one tab has. */
export type SseClientOptions = Omit<ClientOptions, "transport" | "tabs" | "WebSocket">;

/** See `createClient` of `@inkwire/client`. */
export function createClient<C extends Catalog = BookMessages>(
  options: SseClientOptions,
): Client<C> {
  const resolved = resolveClientOptions(options);
  return makeClient<C>(resolved, createDriver({ ...resolved, chooser: only(sse) }));
}
