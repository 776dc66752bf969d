import type { BookMessages, Catalog } from "@inkwire/core/protocol";
import { makeClient } from "./client.js";
import { createDriver } from "./connection/driver.js";
import { invalid, resolveClientOptions } from "./options.js";
import { tabEnvironment } from "./tabs/environment.js";
import { shareConnection } from "./tabs/share.js";
import { createChooser } from "./transports/fallback.js";
import { only } from "./transports/only.js";
import { sse } from "./transports/sse.js";
import { websocket } from "./transports/websocket.js";
import type { Client, ClientOptions } from "./types.js";

/**
 * A client of one server for one user: idle until `connect()`, then connected until `close()`, whatever happens between.
 *
 * ```ts
 * const client = createClient({ url: "/", token: getToken });
 * client.on("notification", ({ data }) => console.log(data.title));
 * client.connect();
 * ```
 *
 * @throws InkwireError `invalid_option` for a value out of its range.
 */
export function createClient<C extends Catalog = BookMessages>(options: ClientOptions): Client<C> {
  const resolved = resolveClientOptions(options);
  const { transport = "auto" } = options;
  const named = [sse, websocket].find(({ name }) => name === transport);
  if (named === undefined && transport !== "auto") {
    throw invalid("transport to be auto, sse or websocket", transport);
  }
  const chooser =
    named === undefined
      ? createChooser([sse, websocket], resolved.memory, resolved.clock.now)
      : only(named);
  const driver = createDriver({ ...resolved, chooser });
  const tabs = tabEnvironment(resolved, options.tabs);
  return makeClient<C>(
    resolved,
    tabs === undefined ? driver : shareConnection(driver, { ...tabs, ...resolved }),
  );
}
