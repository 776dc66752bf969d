/** All components in all of their states, with mock clients: to look at, for axe, for the keyboard. */
import { For, type JSX } from "solid-js";
import { render } from "solid-js/web";
import type { BookGenerationUpdate, ConnectionStatus as Status } from "../../../src/index.js";
import {
  BookGenerationProgress,
  ClientProvider,
  ConnectionStatus,
  NotificationBell,
  ProgressTracker,
  Toaster,
  useToasts,
} from "../../../src/solid/index.js";
import { createMockClient, type MockClient } from "../../../src/testing/mock-client.js";

const statuses: readonly Status[] = [
  "idle",
  "connecting",
  "catching_up",
  "live",
  "waiting",
  "offline",
  "unauthorized",
  "closed",
];

const summary = (id: number, title: string, more: object) => ({
  book_id: id,
  task_id: `t${id}`,
  title,
  status: "processing",
  stopped: false,
  progress: 0,
  words: 0,
  target_words: 30_000,
  chapters_done: 0,
  chapter_count: 12,
  created_at: "2026-01-05T09:00:00.000Z",
  ...more,
});

const books = [
  summary(1, "The Tides of Brittany", { progress: 42, words: 12_640 }),
  summary(2, "A Field Guide to Fog", { status: "queued" }),
  summary(3, "Letters from the Lighthouse Keeper of an Island that is on no Map", {
    status: "completed",
    progress: 100,
    words: 31_240,
  }),
  summary(4, "Salt", {
    status: "failed",
    progress: 17,
    words: 3_020,
    error: {
      code: "author_refused_key",
      message: "The provider refused the key.",
      retryable: false,
    },
  }),
  summary(5, "Harbours at Night", { stopped: true, progress: 63, words: 19_400 }),
  summary(6, "Low Water", { status: "cancelled", progress: 8, words: 900 }),
];

const updates: readonly BookGenerationUpdate[] = [
  {
    book_id: 1,
    task_id: "t1",
    status: "processing",
    progress: 42,
    message: "Chapter 5: The Causeway at Dusk, 1,240 of 2,500 words",
    book_title: "The Tides of Brittany",
    words: 12_640,
    eta_seconds: 840,
  },
];

const notifications = [
  {
    id: "1",
    title: "“Letters from the Lighthouse Keeper” is finished",
    message: "12 chapters, 31,240 words. The EPUB is ready.",
    type: "success",
    action_url: "/books/3",
    created_at: "2026-01-05T11:42:00.000Z",
  },
  {
    id: "2",
    title: "“Salt” could not be written",
    message: "The provider refused the key. Nothing that was written is lost.",
    type: "error",
    created_at: "2026-01-05T10:12:00.000Z",
  },
  {
    id: "3",
    title: "First book",
    message: "You have finished your first book.",
    type: "info",
    created_at: "2026-01-04T18:30:00.000Z",
    read_at: "2026-01-04T19:00:00.000Z",
  },
];

function mock(inbox: object | undefined): MockClient {
  const client = createMockClient({
    respond({ url }) {
      const { pathname } = new URL(url);
      if (pathname === "/api/books") return Response.json({ books });
      if (pathname === "/api/notifications" && inbox !== undefined) return Response.json(inbox);
      const book = books.find(({ book_id }) => pathname === `/api/books/${book_id}`);
      if (book !== undefined) return Response.json(book);
      // One that is never answered.
      if (pathname === "/api/books/99") return new Promise(() => undefined);
      return new Response(null, { status: 404 });
    },
  });
  client.connect();
  return client;
}

const client = mock({ notifications, unread: 2, next: "more" });

function Toasts(): JSX.Element {
  const toasts = useToasts();
  const stay = { durationMs: null };
  toasts.show({ ...stay, type: "info", title: "Draft kept", message: "" });
  toasts.show({
    ...stay,
    type: "success",
    title: "“Harbours at Night” is finished",
    message: "12 chapters, 31,240 words.",
    action: { label: "Read it", url: "/books/3" },
  });
  toasts.show({
    ...stay,
    type: "warning",
    title: "Maintenance",
    message: "The server is updated; books go on afterwards.",
    startsAt: "2026-01-06T22:00:00.000Z",
    endsAt: "2026-01-06T22:30:00.000Z",
  });
  toasts.show({
    type: "error",
    title: "“Salt” could not be written",
    message: "The provider refused the key.",
    action: { label: "Try again", run: () => undefined },
  });
  return <Toaster />;
}

function Gallery(): JSX.Element {
  const column =
    "display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr))";
  return (
    <main style="padding:1rem;max-width:68rem;margin:auto">
      <header style="display:flex;justify-content:space-between;align-items:center;gap:1rem">
        <h1 style="font-size:1.25rem;margin:0">Books</h1>
        <div style="display:flex;gap:.75rem;align-items:center">
          <ConnectionStatus />
          <NotificationBell />
          <ClientProvider client={mock({ notifications: [], unread: 0 })}>
            <NotificationBell labels={{ notifications: "Empty inbox" }} />
          </ClientProvider>
          <ClientProvider client={mock(undefined)}>
            <NotificationBell labels={{ notifications: "Broken inbox" }} />
          </ClientProvider>
        </div>
      </header>
      <p style="display:flex;flex-wrap:wrap;gap:.25rem 1.5rem">
        <For each={statuses}>
          {(status) => {
            const own = createMockClient();
            own.setState({ status });
            return (
              <ClientProvider client={own}>
                <ConnectionStatus />
              </ClientProvider>
            );
          }}
        </For>
      </p>
      <div style={column}>
        <For each={[1, 2, 3, 4, 5, 6, 98, 99]}>
          {(bookId) => (
            <BookGenerationProgress
              bookId={bookId}
              title={bookId === 98 ? "Could not be read" : undefined}
            />
          )}
        </For>
      </div>
      <h2 style="font-size:1rem">In the header</h2>
      <ProgressTracker href={({ book_id }) => `/books/${book_id}`} />
      <Toasts />
    </main>
  );
}

render(
  () => (
    <ClientProvider client={client} toasts={{ maxVisible: 3 }}>
      <Gallery />
    </ClientProvider>
  ),
  document.getElementById("app") as HTMLElement,
);
for (const update of updates) client.emit("book_generation_update", update);
setTimeout(() => {
  for (const update of updates) client.emit("book_generation_update", update);
}, 50);
Object.assign(globalThis, { client });
