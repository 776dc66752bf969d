import { createMockClient, type MockClient } from "../../src/testing/mock-client.js";
import { createVirtualClock, type VirtualClock } from "../../src/testing/virtual-clock.js";

export const json = (body: unknown, status = 200): Response => Response.json(body, { status });

export interface Api {
  readonly client: MockClient;
  readonly clock: VirtualClock;
  /** `GET` and the like, with path and query, oldest first. */
  readonly calls: () => string[];
  /** Lets what is on its way arrive. */
  readonly settle: () => Promise<void>;
}

/** A mock client, connected, whose requests `respond` answers. */
export function createApi(respond: (request: Request) => Response | Promise<Response>): Api {
  const client = createMockClient({ respond });
  const clock = createVirtualClock();
  client.connect();
  return {
    client,
    clock,
    calls: () =>
      client.requests.map(({ method, url }) => `${method} ${url.replace(/^.*?invalid\//, "")}`),
    settle: () => clock.advance(200),
  };
}

/** Everything that a store says, from its value now. */
export function record<T>(store: {
  get(): T;
  subscribe(listener: (value: T) => void): () => void;
}): T[] {
  const seen = [store.get()];
  store.subscribe((value) => seen.push(value));
  return seen;
}
