import { screen } from "@solidjs/testing-library";
import { createEffect, createSignal, For, Show } from "solid-js";
import { expect, it, vi } from "vitest";
import { defineMessage, defineMessages, durable } from "@inkwire/core/protocol";
import {
  onMessage,
  useBookGenerationUpdates,
  useBooks,
  useChapterText,
  useMessages,
  useNotifications,
} from "../../src/solid/index.js";
import { book, mount, notification, update } from "./support.js";

const text = (id = "is"): string | null => screen.getByTestId(id).textContent;

it("follows the book that is meant, and forgets the one before", async () => {
  const [id, setId] = createSignal<number | undefined>(undefined);
  const { client } = mount(
    () => {
      const progress = useBookGenerationUpdates(id);
      return <p data-testid="is">{`${progress.isLoading} ${progress.update?.progress}`}</p>;
    },
    { "/api/books/7": book(7, 10), "/api/books/8": book(8, 80) },
  );
  expect(text()).toBe("false undefined");
  setId(7);
  expect(text()).toBe("true undefined");
  await vi.waitFor(() => expect(text()).toBe("false 10"));
  client.emit("book_generation_update", update(7, 20));
  expect(text()).toBe("false 20");
  setId(8);
  expect(text()).toBe("true undefined");
  await vi.waitFor(() => expect(text()).toBe("false 80"));
  client.emit("book_generation_update", update(7, 30));
  expect(text()).toBe("false 80");
});

it("reads once what two show, and goes on with it until both are gone", async () => {
  const [isShown, show] = createSignal(true);
  const Progress = (props: { readonly id: string }) => {
    const progress = useBookGenerationUpdates(7);
    return <p data-testid={props.id}>{progress.update?.progress}</p>;
  };
  const { client, calls } = mount(
    () => (
      <>
        <Show when={isShown()}>
          <Progress id="a" />
        </Show>
        <Progress id="b" />
      </>
    ),
    { "/api/books/7": book(7, 10) },
  );
  await vi.waitFor(() => expect(text("b")).toBe("10"));
  expect(calls()).toEqual(["GET /api/books/7"]);
  show(false);
  await Promise.resolve();
  client.emit("book_generation_update", update(7, 20));
  expect(text("b")).toBe("20");
  show(true);
  expect(text("a")).toBe("20");
});

it("leaves the row of a book where it is while the book changes", async () => {
  const { client } = mount(
    () => {
      const books = useBooks();
      return (
        <For each={books.books}>
          {(one) => <button data-testid={`book ${one.book_id}`}>{one.progress}</button>}
        </For>
      );
    },
    { "/api/books": { books: [book(8, 1), book(7, 10)] } },
  );
  await vi.waitFor(() => expect(text("book 7")).toBe("10"));
  const row = screen.getByTestId("book 7");
  row.focus();
  client.emit("book_generation_update", update(7, 60));
  expect(row.textContent).toBe("60");
  expect(document.activeElement).toBe(row);
});

it("takes a change back that the server refuses, to the letter", async () => {
  let inbox: ReturnType<typeof useNotifications> | undefined;
  mount(
    () => {
      inbox = useNotifications();
      return null;
    },
    {
      "GET /api/notifications": { notifications: [notification("1")], unread: 1 },
      "POST /api/notifications/1/read": Response.json({ code: "rate_limited" }, { status: 429 }),
    },
  );
  await vi.waitFor(() => expect(inbox?.unread).toBe(1));
  const reading = inbox?.read("1");
  expect(inbox?.notifications[0]?.read_at).toBeDefined();
  await expect(reading).rejects.toMatchObject({ code: "rate_limited" });
  expect(inbox?.notifications).toEqual([notification("1")]);
  expect(inbox?.error?.code).toBe("rate_limited");
});

it("shows a chapter as it is written", async () => {
  const [chapter, setChapter] = createSignal(1);
  const { client } = mount(
    () => {
      const written = useChapterText(7, chapter);
      return <p data-testid="is">{written.text}</p>;
    },
    {
      "/api/books/7/chapters/1": { title: "One", text: "The tide ", offset: 0, done: false },
      "/api/books/7/chapters/2": { title: "Two", text: "", offset: 0, done: false },
    },
  );
  await vi.waitFor(() => expect(text()).toBe("The tide "));
  const piece = { book_id: 7, chapter: 1, offset: 9, text: "rose.", done: true };
  client.emit("chapter_text", piece, { topic: "book/7" });
  expect(text()).toBe("The tide rose.");
  setChapter(2);
  expect(text()).toBe("");
});

it("gives messages of the page's own catalog, typed, and each to a handler exactly once", () => {
  const messages = defineMessages({
    order_shipped: defineMessage(
      {
        "~standard": {
          version: 1,
          vendor: "test",
          types: undefined as { input: { order: number }; output: { order: number } } | undefined,
          validate: (value) => ({ value: value as { order: number } }),
        },
      },
      durable(),
    ),
  });
  type Own = typeof messages;
  const orders: number[] = [];
  const { client, unmount } = mount(() => {
    const log = useMessages<Own>(["order_shipped"], { maxMessages: 2 });
    onMessage<Own>("order_shipped", ({ data }) => orders.push(data.order));
    // @ts-expect-error -- there is no such message in the catalog
    useMessages<Own>(["order_lost"]);
    return <p data-testid="is">{log.messages.map(({ data }) => data.order).join()}</p>;
  });
  for (const order of [1, 2, 3]) client.emit("order_shipped" as never, { order } as never);
  expect(orders).toEqual([1, 2, 3]);
  unmount();
  client.emit("order_shipped" as never, { order: 4 } as never);
  expect(orders).toEqual([1, 2, 3]);
});

it("renders twice for the ten thousand messages of one turn, and reads the newest at any time", async () => {
  let renders = 0;
  let log: { readonly messages: readonly unknown[] } | undefined;
  const { client } = mount(() => {
    const mine = useMessages(["notification"], { maxMessages: 3 });
    log = mine;
    createEffect(() => {
      renders += mine.messages.length >= 0 ? 1 : 0;
    });
    return <p data-testid="is">{mine.messages.map(({ data }) => data.id).join()}</p>;
  });
  const before = renders;
  for (let n = 1; n <= 10_000; n += 1) client.emit("notification", notification(`${n}`));
  expect(log?.messages).toHaveLength(3);
  await Promise.resolve();
  expect(text()).toBe("9998,9999,10000");
  expect(renders - before).toBe(2);
});
