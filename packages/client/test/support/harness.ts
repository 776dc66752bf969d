import { expect } from "vitest";
import {
  createClient,
  type Client,
  type ClientOptions,
  type ConnectionStatus,
} from "../../src/index.js";
import {
  createFakeToken,
  createFaultServer,
  type FaultServer,
  type FaultServerOptions,
} from "../../src/testing/index.js";

/** A server and a client of it that gives up on nothing quickly. */
export async function start(
  server: FaultServerOptions = {},
  client: Partial<ClientOptions> = {},
): Promise<{ server: FaultServer; client: Client; problems: string[] } & AsyncDisposable> {
  const faulty = await createFaultServer(server);
  const problems: string[] = [];
  const made = createClient({
    url: faulty.url,
    token: createFakeToken("1"),
    transport: "sse",
    backoff: { baseMs: 5, capMs: 20 },
    onProblem: (problem) => problems.push(problem.code),
    ...client,
  });
  return {
    server: faulty,
    client: made,
    problems,
    async [Symbol.asyncDispose]() {
      made.close();
      await faulty.close();
    },
  };
}

export async function until(
  condition: () => boolean,
  what = "the condition",
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${ms} ms`);
    await new Promise((done) => setTimeout(done, 2));
  }
}

export async function reaches(
  client: Client,
  status: ConnectionStatus,
  ms?: number,
): Promise<void> {
  await until(() => client.state.get().status === status, status, ms).catch((error: unknown) => {
    expect(client.state.get()).toBe(error);
  });
}

/** The numbers of the `notification` messages that a client's handlers were given, in order. */
export function collect(client: Client): number[] {
  const numbers: number[] = [];
  client.on("notification", ({ data }) => numbers.push(Number(data.id)));
  return numbers;
}

export function publish(server: FaultServer, from: number, to: number): void {
  for (let n = from; n <= to; n += 1) {
    server.publish("user/1", "notification", {
      id: String(n),
      title: "",
      message: "",
      type: "info",
    });
  }
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
