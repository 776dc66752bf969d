import { Redis } from "ioredis";
import type { Envelope, History } from "../../../src/index.js";
import type { Topic } from "../../../src/protocol/index.js";
import { createRedisHistory, type RedisHistoryOptions } from "../../../src/redis/index.js";
import { createAdopt, createSeal, type TestType } from "../../bus/envelopes.js";

/** One server of several: its history, and what its listeners were told. */
export interface TestNode extends AsyncDisposable {
  readonly history: History;
  readonly heard: Envelope[];
  /** What was heard, as text of `n`. */
  readonly numbers: () => unknown[];
  readonly breaks: (readonly Topic[] | undefined)[];
  readonly problems: unknown[];
  publish(topic: Topic, n: unknown, type?: TestType): Promise<Envelope>;
}

export async function openNode(
  port: number,
  options: Partial<RedisHistoryOptions> = {},
): Promise<TestNode> {
  const redis = new Redis(port, "127.0.0.1", { retryStrategy: () => 50 });
  const problems: unknown[] = [];
  redis.on("error", () => {});
  const history = await createRedisHistory({
    redis,
    publishTimeoutMs: 2_000,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  const heard: Envelope[] = [];
  const breaks: (readonly Topic[] | undefined)[] = [];
  history.listen((envelope) => heard.push(envelope));
  history.onBreak?.((topics) => breaks.push(topics && [...topics]));
  history.start?.(createAdopt());
  return {
    history,
    heard,
    breaks,
    problems,
    numbers: () => heard.map(({ message }) => (message.data as { n: unknown }).n),
    async publish(topic, n, type = "note") {
      const time = "2026-11-25T00:00:00.000Z";
      return history.append({ type, topic, time, data: { n, key: "a" } }, createSeal(type));
    },
    async [Symbol.asyncDispose]() {
      await history.close();
      redis.disconnect();
    },
  };
}

export const topics = (...names: Topic[]): ReadonlySet<Topic> => new Set(names);
