import type { Books } from "../books/service-types.js";
import type { Bus } from "../bus/types.js";
import type { Notifier } from "../notifications/notifier.js";
import type { BookMessages, Catalog } from "../protocol/index.js";
import type { Connections, Gateway } from "../transports/types.js";
import type { H3, NodeListener } from "./h3-app.js";
import type { Listening, ListenOptions } from "./node-server.js";
import type { NoMessages } from "./options.js";
import type { NodeUpgrade } from "./upgrade.js";

/** A server that is open: its parts, the ways to mount it, and its end. */
export interface Inkwire<C extends Catalog = NoMessages> extends AsyncDisposable {
  /** Answers a request of the web: for Hono, Bun, Deno, h3, tests. A WebSocket is not among them. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The same as an h3 app, to mount in another one. */
  readonly app: H3;
  /** The same for Node's `createServer` and for Express. */
  readonly listener: NodeListener;
  /** For Node's `upgrade` event. Says `false` of what is not for `/ws`, and leaves it alone. */
  readonly upgrade: NodeUpgrade;
  /** For other adapters of crossws. */
  readonly websocket: Gateway["websocket"];
  /** Opens a server of its own. @throws InkwireError `invalid_option` for a port that can't be had. */
  listen(options?: ListenOptions): Promise<Listening>;
  readonly bus: Bus<BookMessages & C>;
  readonly notify: Notifier;
  /** `undefined` without the option. */
  readonly books: Books | undefined;
  readonly connections: Connections;
  readonly isDraining: boolean;
  /**
   * Before the end: `/ready` says 503, new connections are refused, each open one is told when to come back, and running
   * jobs reach a checkpoint. Resolves when nobody is connected and nothing runs any more. A second call gives the same
   * promise.
   */
  drain(): Promise<void>;
  /** Ends everything at once; what was written is kept. Can be called twice. */
  close(): Promise<void>;
}
