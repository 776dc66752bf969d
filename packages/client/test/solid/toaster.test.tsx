import { fireEvent, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Toaster, useToasts } from "../../src/solid/index.js";
import { mount, notification } from "./support.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(options: Parameters<typeof mount>[2] = {}) {
  let toasts: ReturnType<typeof useToasts> | undefined;
  const page = mount(
    () => {
      toasts = useToasts();
      return (
        <>
          <button type="button">Before</button>
          <Toaster />
        </>
      );
    },
    {},
    options,
  );
  return {
    ...page,
    toasts: toasts as ReturnType<typeof useToasts>,
    place: screen.getByRole("region"),
    polite: screen.getByRole("status"),
    assertive: screen.getByRole("alert"),
  };
}

it("has both of its live regions from the start, and says errors at once and all others politely", async () => {
  const { client, polite, assertive } = open();
  expect([polite.textContent, assertive.textContent]).toEqual(["", ""]);
  client.emit("notification", notification("1"));
  client.emit("notification", notification("2", { type: "error", action_url: "/books/2" }));
  client.emit("notification", notification("1"));
  await vi.advanceTimersByTimeAsync(0);
  expect(polite.querySelectorAll(".inkwire-toast")).toHaveLength(1);
  expect(polite.textContent).toContain("Message 1");
  expect(assertive.textContent).toContain("Message 2");
  expect(screen.getByRole("link", { name: "Open" }).getAttribute("href")).toBe("/books/2");
  expect(document.activeElement).toBe(document.body);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polite.textContent).toBe("");
  expect(assertive.textContent).toContain("Message 2");
});

it("stops the time under a pointer or the focus", async () => {
  const { toasts, place, polite } = open();
  toasts.show({ type: "info", title: "One", message: "" });
  fireEvent.pointerEnter(place);
  await vi.advanceTimersByTimeAsync(60_000);
  screen.getByRole("button", { name: "Dismiss: One" }).focus();
  fireEvent.pointerLeave(place);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polite.textContent).toContain("One");
  screen.getByText("Before").focus();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polite.textContent).toBe("");
});

it("lets the time run again after the one under the pointer was dismissed", async () => {
  const { toasts, place, polite } = open();
  toasts.show({ type: "info", title: "One", message: "" });
  fireEvent.pointerEnter(place);
  fireEvent.click(screen.getByRole("button", { name: "Dismiss: One" }));
  toasts.show({ type: "info", title: "Two", message: "" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polite.textContent).toBe("");
});

it("is reached by Alt+T, left by Escape, and gives the focus back to where it was", () => {
  const { toasts, place } = open();
  const before = screen.getByText("Before");
  before.focus();
  fireEvent.keyDown(document.body, { code: "KeyT", altKey: true });
  expect(document.activeElement).toBe(before);
  toasts.show({ type: "error", title: "One", message: "" });
  toasts.show({ type: "error", title: "Two", message: "" });
  expect(document.activeElement).toBe(before);
  fireEvent.keyDown(document.body, { code: "KeyT", altKey: true });
  expect(document.activeElement).toBe(place);
  const second = screen.getByRole("button", { name: "Dismiss: Two" });
  second.focus();
  fireEvent.keyDown(second, { key: "Escape" });
  expect(toasts.visible.map(({ title }) => title)).toEqual(["One"]);
  expect(document.activeElement).toBe(place);
  fireEvent.keyDown(place, { key: "Escape" });
  expect(toasts.visible).toEqual([]);
  expect(document.activeElement).toBe(before);
});

it("does what its action says, once, and says how many wait", () => {
  const run = vi.fn();
  const { toasts, place } = open({ toasts: { maxVisible: 1 } });
  toasts.show({ type: "info", title: "One", message: "", action: { label: "Undo", run } });
  toasts.show({ type: "info", title: "Two", message: "" });
  expect(place.textContent).toContain("1 more");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  expect(run).toHaveBeenCalledTimes(1);
  expect(toasts.visible.map(({ title }) => title)).toEqual(["Two"]);
});

it("says when a maintenance begins and ends", async () => {
  const { client } = open({ labels: { period: (from, to) => `${+from} to ${+(to ?? 0)}` } });
  client.emit(
    "system_notification",
    {
      title: "Maintenance",
      message: "Soon",
      kind: "maintenance",
      scheduled_time: "2026-01-01T00:00:00.000Z",
      ends_at: "2026-01-01T01:00:00.000Z",
    },
    { topic: "all" },
  );
  await vi.advanceTimersByTimeAsync(0);
  expect(screen.getByText("1767225600000 to 1767229200000")).toBeDefined();
});
