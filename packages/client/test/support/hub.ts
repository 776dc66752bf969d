import { InkwireError, parseCursor, type Message, type Topic } from "@inkwire/core/protocol";
import type { Connection, ConnectionFactory, Frame } from "../../src/connection/types.js";
import type { ConnectionStatus } from "../../src/types.js";

/** Runs what arrives in a tab: later, when the tab is frozen. */
export type Run = (task: () => void) => void;

export interface Hub {
  publish(topic: Topic, text: string): void;
  /** The open connections: of which user, with which topics. */
  readonly connections: readonly { readonly userId: string; readonly topics: readonly Topic[] }[];
  /** How many were ever opened. */
  readonly opened: () => number;
  /** Nobody may have these. */
  readonly forbidden: Set<Topic>;
  /** Tokens that are refused. */
  readonly refused: Set<string>;
  /** Breaks every connection that is open. */
  cut(): void;
  connect(run: Run): ConnectionFactory;
}

interface Open {
  readonly userId: string;
  readonly topics: readonly Topic[];
  readonly push: (frame: Frame) => void;
  readonly cut: () => void;
}

const time = "2026-01-01T00:00:00.000Z";

/** A server in memory, and connections to it without a network: what is shared between tabs is tested against it. */
export function createHub(): Hub {
  const history: Message[] = [];
  const open = new Set<Open>();
  const forbidden = new Set<Topic>();
  const refused = new Set<string>();
  let opened = 0;

  const mayHear = ({ userId, topics }: Pick<Open, "userId" | "topics">, topic: Topic): boolean =>
    topic === "all" || topic === `user/${userId}` || topics.includes(topic);

  return {
    publish(topic, text) {
      const id = `h.${history.length + 1}`;
      const message = { id, type: "note", topic, time, data: text };
      history.push(message);
      for (const one of open) if (mayHear(one, topic)) one.push(message);
    },
    get connections() {
      return [...open].map(({ userId, topics }) => ({ userId, topics }));
    },
    opened: () => opened,
    forbidden,
    refused,
    cut() {
      for (const { cut } of open) cut();
    },
    connect: (run) => (host) => {
      let current: Open | undefined;
      let attempt = 0;
      const report = (status: ConnectionStatus, error?: InkwireError): void =>
        host.report({ status, since: 0, failures: 0, error });

      async function begin(): Promise<void> {
        const mine = (attempt += 1);
        report("connecting");
        const { userId = "", text } = await host.auth.token(false);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (mine !== attempt) return;
        run(() => {
          if (mine !== attempt) return;
          if (refused.has(text))
            return report("unauthorized", new InkwireError("token_invalid", "no"));
          const topics = host.topics();
          if (topics.some((topic) => forbidden.has(topic))) {
            return report("closed", new InkwireError("topic_forbidden", "Not yours"));
          }
          const cursor = host.cursor(userId);
          const push = (frame: Frame): void =>
            run(() => {
              if (mine === attempt) host.receive(frame, userId);
            });
          const cut = (): void => run(() => void (current === one && begin()));
          const one: Open = { userId, topics, push, cut };
          if (current !== undefined) open.delete(current);
          open.add((current = one));
          opened += 1;
          const seq = parseCursor(cursor)?.seq ?? history.length;
          const missed = history.slice(seq).filter(({ topic }) => mayHear(one, topic));
          push({
            id: `h.${history.length}`,
            type: "wire.hello",
            time,
            data: {
              connection_id: `c${opened}`,
              resume: cursor === undefined ? "fresh" : "recovered",
              gaps: [],
              replayed: missed.length,
              heartbeat_ms: 15_000,
              now: time,
            },
          });
          for (const message of missed) push(message);
          run(() => {
            if (mine === attempt) report("live");
          });
        });
      }
      function end(): void {
        attempt += 1;
        if (current !== undefined) open.delete(current);
        current = undefined;
      }
      const connection: Connection = {
        open() {
          if (current === undefined) void begin();
        },
        close() {
          end();
          report("closed");
        },
        update() {
          if (current !== undefined && current.topics.join() !== host.topics().join()) {
            end();
            void begin();
          }
        },
      };
      return connection;
    },
  };
}
