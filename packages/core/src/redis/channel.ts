import type { Redis } from "ioredis";
import { patient } from "./client.js";

/** Words to all nodes that are there now. Who is away misses them: what counts is in storage, and looked after there too. */
export interface RedisChannel {
  /** Says it to all nodes, this one included. */
  send(words: readonly string[]): void;
  close(): void;
}

export interface RedisChannelOptions {
  readonly redis: Redis;
  /** The full name of the channel. */
  readonly name: string;
  readonly onWords: (words: readonly string[]) => void;
  readonly onProblem: (problem: unknown) => void;
}

/** Opens a channel of publish and subscribe, with a connection of its own to listen on. */
export function openRedisChannel(options: RedisChannelOptions): RedisChannel {
  const { redis, name, onWords, onProblem } = options;
  const listener = redis.duplicate(patient);
  listener.on("error", onProblem);
  listener.on("message", (channel: string, text: string) => {
    if (channel === name) onWords(text.split(" "));
  });
  // It subscribes anew after each reconnect by itself.
  const subscribed = listener.subscribe(name);
  subscribed.catch((error: unknown) => closed || onProblem(error));
  let closed = false;
  return {
    send(words) {
      redis.publish(name, words.join(" ")).catch(onProblem);
    },
    close() {
      closed = true;
      listener.disconnect();
    },
  };
}
