/** A page of an application, with what it was given in `window.seen`. */
import { For } from "solid-js";
import { render } from "solid-js/web";
import { systemClock } from "../../../src/connection/lifecycle.js";
import {
  BookGenerationProgress,
  ConnectionStatus,
  InkwireProvider,
  onMessage,
  Toaster,
  useClient,
  useConnection,
  useMessages,
} from "../../../src/solid/index.js";
import type { Client } from "../../../src/index.js";

declare global {
  interface Window {
    /** Each call of a handler, in order. */
    seen: number[];
    client: Client;
    /** Every state there was. */
    states: string[];
    gaps: string[];
    tokens: number;
  }
}

const options = new URLSearchParams(location.search);
window.seen = [];
window.states = [];
window.gaps = [];
window.tokens = 0;

function Page() {
  const connection = useConnection();
  const log = useMessages(["notification"], { maxMessages: 20 });
  onMessage("notification", ({ data }) => window.seen.push(Number(data.id)));
  const client = useClient()() as Client;
  window.client = client;
  client.state.subscribe(({ status }) => window.states.push(status));
  client.onGap(({ kind }) => window.gaps.push(kind));
  return (
    <main>
      <ConnectionStatus patienceMs={0} />
      <p id="state">{connection.state.status}</p>
      <ol id="log">
        <For each={log.messages}>{({ data }) => <li>{data.title}</li>}</For>
      </ol>
      <BookGenerationProgress bookId={7} />
      {options.has("toasts") && <Toaster />}
    </main>
  );
}

render(
  () => (
    <InkwireProvider
      url="/"
      transport={(options.get("transport") as "sse" | null) ?? "auto"}
      tabs={false}
      clock={systemClock}
      backoff={{ baseMs: 50, capMs: 300 }}
      onProblem={() => undefined}
      token={async () => {
        window.tokens += 1;
        return (await fetch("/token?user=ada")).text();
      }}
    >
      <Page />
    </InkwireProvider>
  ),
  document.getElementById("app") as HTMLElement,
);
