import { cleanup, render } from "@solidjs/testing-library";
import type { JSX } from "solid-js";
import { onTestFinished } from "vitest";
import type { NotificationData } from "../../src/index.js";
import { ClientProvider, type ClientProviderProps } from "../../src/solid/index.js";
import { createMockClient, type MockClient } from "../../src/testing/mock-client.js";

/** Renders below a connected mock client, whose requests `routes` answers by their path. */
export function mount(
  ui: () => JSX.Element,
  routes: Readonly<Record<string, unknown>> = {},
  props: Omit<ClientProviderProps, "client" | "children"> = {},
): { readonly client: MockClient; readonly unmount: () => void; readonly calls: () => string[] } {
  const client = createMockClient({
    respond({ url, method }) {
      const path = new URL(url).pathname;
      const answer = routes[`${method} ${path}`] ?? routes[path];
      return answer === undefined
        ? new Response(null, { status: 404 })
        : answer instanceof Response
          ? answer.clone()
          : Response.json(answer);
    },
  });
  client.connect();
  // Of each test: files share a document, and a hook of this module would be of the first file alone.
  onTestFinished(cleanup);
  const { unmount } = render(() => (
    <ClientProvider client={client} {...props}>
      {ui()}
    </ClientProvider>
  ));
  return {
    client,
    unmount,
    calls: () => client.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
  };
}

export const book = (bookId: number, progress: number, more: object = {}) => ({
  book_id: bookId,
  task_id: `t${bookId}`,
  title: `Book ${bookId}`,
  status: "processing" as const,
  stopped: false,
  progress,
  words: 0,
  target_words: 0,
  chapters_done: 0,
  chapter_count: 0,
  created_at: "2026-01-01T00:00:00.000Z",
  ...more,
});

export const update = (bookId: number, progress: number, more: object = {}) => ({
  book_id: bookId,
  task_id: `t${bookId}`,
  status: "processing" as const,
  progress,
  message: `${progress} done`,
  ...more,
});

export const notification = (
  id: string,
  more: Partial<NotificationData> = {},
): NotificationData => ({
  id,
  title: `Title ${id}`,
  message: `Message ${id}`,
  type: "info",
  ...more,
});
