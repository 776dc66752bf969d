import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type { Topic } from "../../src/index.js";
import { ConnectionStatus, useConnection } from "../../src/solid/index.js";
import { mount } from "./support.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const said = (): string | null => screen.getByRole("status").textContent;

it("keeps calm about an interruption that is over soon, and tells of one that is not", () => {
  const { client } = mount(() => <ConnectionStatus />);
  expect(said()).toBe("Live");
  client.setState({ status: "waiting" });
  vi.advanceTimersByTime(2_400);
  client.setState({ status: "catching_up" });
  client.setState({ status: "live" });
  vi.advanceTimersByTime(10_000);
  expect(said()).toBe("Live");
  client.setState({ status: "waiting" });
  vi.advanceTimersByTime(1_500);
  // Another word for the same trouble does not start the patience over.
  client.setState({ status: "offline" });
  vi.advanceTimersByTime(1_100);
  expect(said()).toBe("Offline");
  client.setState({ status: "live" });
  expect(said()).toBe("Live");
});

it("says at once what does not pass by itself", () => {
  const { client } = mount(() => <ConnectionStatus />);
  client.setState({ status: "unauthorized" });
  expect(said()).toBe("Signed out");
});

it("has a button to try again, and keeps the focus of the keyboard that used it", () => {
  const { client } = mount(() => <ConnectionStatus class="mine" />);
  client.setState({ status: "closed" });
  const before = client.counts.connections;
  const button = screen.getByRole("button", { name: "Try again" });
  button.focus();
  fireEvent.click(button);
  expect(client.counts.connections).toBe(before + 1);
  expect(screen.queryByRole("button")).toBeNull();
  expect(document.activeElement?.className).toBe("inkwire inkwire-status mine");
});

it("says it in the page's own words", () => {
  mount(
    () => <ConnectionStatus labels={{ tryAgain: "Noch einmal" }} />,
    {},
    {
      labels: {
        tryAgain: "Encore",
        connection: {
          idle: "",
          connecting: "",
          catching_up: "",
          live: "En direct",
          waiting: "",
          offline: "",
          unauthorized: "",
          closed: "",
        },
      },
    },
  ).client.setState({ status: "closed" });
  expect(screen.getByRole("button").textContent).toBe("Noch einmal");
});

it("tells whether messages arrive, and subscribes for as long as the component is there", () => {
  const [topics, setTopics] = createSignal<readonly Topic[]>(["book/7"]);
  let stop: (() => void) | undefined;
  const { client, unmount } = mount(() => {
    const connection = useConnection();
    connection.subscribe(topics);
    stop = connection.subscribe(["book/9"]);
    return <p data-testid="is">{String(connection.isConnected)}</p>;
  });
  expect(screen.getByTestId("is").textContent).toBe("true");
  expect(client.topics).toEqual(["book/7", "book/9"]);
  setTopics(["book/8"]);
  expect(client.topics).toEqual(["book/8", "book/9"]);
  stop?.();
  expect(client.topics).toEqual(["book/8"]);
  client.setState({ status: "offline" });
  expect(screen.getByTestId("is").textContent).toBe("false");
  unmount();
  expect(client.topics).toEqual([]);
});

it("says what is missing when there is no provider", () => {
  onTestFinished(cleanup);
  expect(() => render(() => <ConnectionStatus />)).toThrow(/Expected an <InkwireProvider>/);
});
