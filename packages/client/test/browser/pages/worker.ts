import { createClient, type TransportName } from "../../../src/index.js";

/** What the page tells its worker, once. */
export interface WorkerOrder {
  readonly url: string;
  readonly token: string;
  readonly transport: TransportName;
}

/** A worker has no page, no window and no `document`: the client runs on what there is. */
addEventListener("message", ({ data }: MessageEvent<WorkerOrder>) => {
  const client = createClient({ ...data, backoff: { baseMs: 5, capMs: 50 } });
  client.on("notification", ({ data }) => postMessage(Number(data.id)));
  client.connect();
});
