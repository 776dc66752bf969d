import { fireEvent, screen } from "@solidjs/testing-library";
import { expect, it, vi } from "vitest";
import {
  BookGenerationProgress,
  NotificationBell,
  ProgressTracker,
} from "../../src/solid/index.js";
import { book, mount, notification, update } from "./support.js";

it("shows how far a book is, and says aloud its milestones alone", async () => {
  const { client } = mount(() => <BookGenerationProgress bookId={7} />, {
    "/api/books/7": book(7, 10, { words: 1200 }),
  });
  const bar = screen.getByRole("progressbar");
  expect(bar.hasAttribute("aria-valuenow")).toBe(false);
  await vi.waitFor(() => expect(bar.getAttribute("aria-valuenow")).toBe("10"));
  expect(screen.getByRole("progressbar", { name: "Book 7" })).toBe(bar);
  const status = screen.getByRole("status");
  const heard: string[] = [];
  const watch = (): number => heard.push(status.textContent ?? "");
  expect(status.textContent).toBe("");
  const observer = new MutationObserver(watch);
  observer.observe(status, { childList: true, characterData: true, subtree: true });
  for (let progress = 11; progress < 100; progress += 1) {
    client.emit("book_generation_update", update(7, progress));
    await Promise.resolve();
  }
  client.emit("book_generation_update", update(7, 100, { status: "completed" }));
  await Promise.resolve();
  expect(heard).toEqual([
    "Book 7: Writing, 25 %",
    "Book 7: Writing, 50 %",
    "Book 7: Writing, 75 %",
    "Book 7: Finished, 100 %",
  ]);
  observer.disconnect();
});

it("leaves it to a toaster to say that a book is finished, and says all else", async () => {
  const { client } = mount(() => <BookGenerationProgress bookId={7} announcesEnd={false} />, {
    "/api/books/7": book(7, 10),
  });
  await vi.waitFor(() => expect(screen.getByText("10 %")).toBeDefined());
  client.emit("book_generation_update", update(7, 80));
  expect(screen.getByRole("status").textContent).toBe("Book 7: Writing, 75 %");
  client.emit("book_generation_update", update(7, 100, { status: "completed" }));
  expect(screen.getByRole("status").textContent).toBe("");
});

it("shows why a book failed, how long another takes, and that one has stopped", async () => {
  const { client } = mount(() => <BookGenerationProgress bookId={7} title="Mine" />, {
    "/api/books/7": book(7, 10, { stopped: true }),
  });
  await vi.waitFor(() => expect(screen.getByText("Stopped")).toBeDefined());
  client.emit("book_generation_update", update(7, 40, { eta_seconds: 600, words: 5 }));
  expect(screen.getByText("Writing · 5 words · about 10 min left")).toBeDefined();
  const error = { code: "x", message: "The key was refused", retryable: false };
  client.emit("book_generation_update", update(7, 40, { status: "failed", error }));
  expect(screen.getByText("The key was refused")).toBeDefined();
  expect(screen.getByRole("group", { name: "Mine" }).dataset["status"]).toBe("failed");
});

it("says that a book could not be read, and reads it when asked", async () => {
  const { client, calls } = mount(() => <BookGenerationProgress bookId={9} />);
  await vi.waitFor(() => fireEvent.click(screen.getByRole("button", { name: "Try again" })));
  expect(client.requests.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(calls()).toEqual(["GET /api/books/9", "GET /api/books/9"]));
});

it("tracks the books that are being written, and is gone without any", async () => {
  const { client } = mount(() => <ProgressTracker href={({ book_id }) => `/books/${book_id}`} />, {
    "/api/books": {
      books: [book(9, 0, { status: "queued" }), book(8, 100, { status: "completed" }), book(7, 10)],
    },
  });
  expect(screen.queryByRole("list")).toBeNull();
  const link = await screen.findByRole("link", { name: "Book 7" });
  expect(link.getAttribute("href")).toBe("/books/7");
  expect(screen.getAllByRole("progressbar")).toHaveLength(2);
  client.emit("book_generation_update", update(7, 100, { status: "completed" }));
  client.emit("book_generation_update", update(9, 0, { status: "cancelled" }));
  await Promise.resolve();
  expect(screen.queryByRole("list")).toBeNull();
});

it("tracks a book beyond the first page of the list as soon as it is heard of, until it ends", async () => {
  const { client } = mount(() => <ProgressTracker href={({ book_id }) => `/books/${book_id}`} />, {
    "/api/books": { books: [book(30, 100, { status: "completed" })], next: "b1" },
  });
  client.emit("book_generation_update", update(7, 10, { book_title: "An old one" }));
  const link = await screen.findByRole("link", { name: "An old one" });
  expect(link.getAttribute("href")).toBe("/books/7");
  client.emit("book_generation_update", update(7, 42));
  await vi.waitFor(() =>
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("42"),
  );
  // The same row, with its focus, and the title that this message did not have.
  expect(screen.getByRole("link", { name: "An old one" })).toBe(link);
  client.emit("book_generation_update", update(30, 50));
  await vi.waitFor(() => expect(screen.getAllByRole("progressbar")).toHaveLength(2));
  client.emit("book_generation_update", update(7, 100, { status: "completed" }));
  client.emit("book_generation_update", update(30, 100, { status: "completed" }));
  await vi.waitFor(() => expect(screen.queryByRole("list")).toBeNull());
});

it("opens the inbox below its bell, and closes by Escape and by whatever lies beside it", async () => {
  mount(
    () => (
      <>
        <NotificationBell />
        <button type="button">Elsewhere</button>
      </>
    ),
    {
      "GET /api/notifications": {
        notifications: [notification("1", { action_url: "javascript:alert(1)" })],
        unread: 120,
      },
    },
  );
  const bell = await screen.findByRole("button", { name: "Notifications, 120 unread" });
  expect(bell.textContent).toBe("99+");
  fireEvent.click(bell);
  expect(bell.getAttribute("aria-expanded")).toBe("true");
  expect(screen.getByText("Message 1")).toBeDefined();
  expect(screen.queryByRole("link")).toBeNull();
  const read = screen.getByRole("button", { name: "Mark as read: Title 1" });
  read.focus();
  fireEvent.keyDown(read, { key: "Escape" });
  expect(screen.queryByRole("region")).toBeNull();
  expect(document.activeElement).toBe(bell);
  fireEvent.click(bell);
  expect(screen.getByRole("region")).toBeDefined();
  screen.getByText("Elsewhere").focus();
  expect(screen.queryByRole("region")).toBeNull();
});

it("keeps the focus in the list when what had it is read or removed", async () => {
  const { calls } = mount(() => <NotificationBell />, {
    "GET /api/notifications": {
      notifications: [notification("1"), notification("2")],
      unread: 2,
    },
    "POST /api/notifications/1/read": {},
    "DELETE /api/notifications/1": {},
  });
  fireEvent.click(await screen.findByRole("button", { name: "Notifications, 2 unread" }));
  const read = screen.getByRole("button", { name: "Mark as read: Title 1" });
  read.focus();
  fireEvent.click(read);
  const remove = screen.getByRole("button", { name: "Remove: Title 1" });
  expect(document.activeElement).toBe(remove);
  fireEvent.click(remove);
  expect(screen.queryByText("Title 1")).toBeNull();
  expect(document.activeElement?.textContent).toBe("Notifications");
  expect(calls().slice(1)).toEqual([
    "POST /api/notifications/1/read",
    "DELETE /api/notifications/1",
  ]);
});
