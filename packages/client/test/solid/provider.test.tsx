import { cleanup, render } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { expect, it, onTestFinished, vi } from "vitest";
import {
  InkwireProvider,
  useConnection,
  useToasts,
  type Connection,
  type InkwireProviderProps,
} from "../../src/solid/index.js";
import { createFakeToken } from "../../src/testing/fake-token.js";

interface Call {
  readonly path: string;
  readonly token: string | null;
  readonly signal: AbortSignal | undefined;
}

/** A server that never answers: what is asked is enough to see. */
function open(first: InkwireProviderProps["token"]) {
  onTestFinished(cleanup);
  const calls: Call[] = [];
  const [token, setToken] = createSignal<{ is: InkwireProviderProps["token"] }>({ is: first });
  let connection: Connection | undefined;
  let toasts: ReturnType<typeof useToasts> | undefined;
  const fetch = ((input: string | URL, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    calls.push({
      path: new URL(String(input)).pathname,
      token: headers.get("authorization"),
      signal: init?.signal ?? undefined,
    });
    return new Promise<Response>(() => undefined);
  }) as typeof globalThis.fetch;
  const Inside = () => {
    connection = useConnection();
    toasts = useToasts();
    return null;
  };
  const { unmount } = render(() => (
    <InkwireProvider url="http://books.invalid/" transport="sse" token={token().is} fetch={fetch}>
      <Inside />
    </InkwireProvider>
  ));
  return {
    calls,
    unmount,
    setToken: (is: InkwireProviderProps["token"]) => setToken({ is }),
    connection: connection as Connection,
    toasts: toasts as ReturnType<typeof useToasts>,
  };
}

const ada = createFakeToken("ada");

it("connects with the login and ends with the logout", async () => {
  const page = open(undefined);
  await Promise.resolve();
  expect(page.calls).toEqual([]);
  expect(page.connection.state.status).toBe("idle");
  page.setToken(ada);
  expect(page.connection.state.status).toBe("connecting");
  await vi.waitFor(() => expect(page.calls).toHaveLength(1));
  expect(page.calls[0]).toMatchObject({ path: "/events", token: `Bearer ${ada}` });
  page.setToken(undefined);
  expect(page.calls[0]?.signal?.aborted).toBe(true);
  expect(page.connection.state.status).toBe("idle");
});

it("keeps its connection when the same user has a newer token, and makes another for another user", async () => {
  const page = open(ada);
  await vi.waitFor(() => expect(page.calls).toHaveLength(1));
  page.setToken(createFakeToken("ada", { jti: "2" }));
  await new Promise((done) => setTimeout(done, 20));
  expect(page.calls).toHaveLength(1);
  expect(page.calls[0]?.signal?.aborted).toBe(false);
  const bob = createFakeToken("bob");
  page.setToken(bob);
  await vi.waitFor(() => expect(page.calls).toHaveLength(2));
  expect(page.calls[0]?.signal?.aborted).toBe(true);
  expect(page.calls[1]?.token).toBe(`Bearer ${bob}`);
});

it("takes a function for a token, and ends when the page goes", async () => {
  const page = open(() => Promise.resolve(ada));
  await vi.waitFor(() => expect(page.calls).toHaveLength(1));
  page.unmount();
  expect(page.calls[0]?.signal?.aborted).toBe(true);
});

it("tries again by itself when a new token comes after a refused one", async () => {
  const page = open(() => "");
  await vi.waitFor(() => expect(page.connection.state.status).toBe("unauthorized"));
  expect(page.calls).toEqual([]);
  page.setToken(() => ada);
  await vi.waitFor(() => expect(page.calls).toHaveLength(1));
});

it("shows toasts of the page's own while nobody is signed in", () => {
  const page = open(undefined);
  page.toasts.show({ type: "error", title: "Wrong password", message: "" });
  expect(page.toasts.visible.map(({ title }) => title)).toEqual(["Wrong password"]);
});
