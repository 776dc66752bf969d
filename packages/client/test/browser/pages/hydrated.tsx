/** A page that a server renders and a browser takes over. */
import { generateHydrationScript, hydrate, isServer, renderToString } from "solid-js/web";
import {
  BookGenerationProgress,
  ConnectionStatus,
  InkwireProvider,
  NotificationBell,
  ProgressTracker,
  Toaster,
  useConnection,
} from "../../../src/solid/index.js";

function Page() {
  const connection = useConnection();
  return (
    <main>
      <h1>Page</h1>
      <p id="state">{connection.state.status}</p>
      <ConnectionStatus patienceMs={0} />
      <NotificationBell />
      <ProgressTracker />
      <BookGenerationProgress bookId={7} title="The Tides of Brittany">
        <p>More</p>
      </BookGenerationProgress>
      <Toaster />
    </main>
  );
}

const getToken = async (): Promise<string> => (await fetch("/token")).text();

const App = () => (
  <InkwireProvider url="/" token={getToken}>
    <Page />
  </InkwireProvider>
);

export const html = (): string => renderToString(App);
export const head = (): string => generateHydrationScript();

if (!isServer) hydrate(App, document.getElementById("app") as HTMLElement);
