import type { Cursor } from "@inkwire/core/protocol";
import type { ConnectionFactory, ConnectionHost, Frame } from "../connection/types.js";
import type { ConnectionState } from "../types.js";
import { packState, type TabSaying } from "./channel.js";
import { createRecent } from "./recent.js";
import type { Roster } from "./roster.js";

export interface LeaderOptions {
  readonly host: ConnectionHost;
  readonly userId: string;
  readonly connect: ConnectionFactory;
  readonly roster: Roster;
  readonly post: (saying: TabSaying) => void;
  /** Hands a frame to this tab itself. */
  readonly take: (frame: Frame, after: Cursor | undefined) => boolean;
  /** The server does not let it go on. */
  readonly onEnd: () => void;
  /** What this tab wants was refused. */
  readonly onRefused: () => void;
}

/** The tab that has the connection. */
export interface Leader {
  wake(): void;
  /** What this tab or another wants has changed. */
  update(): void;
  /** Says that it is there, and how the connection is. */
  tellState(): void;
  /** Serves a tab that is new or was away. */
  greet(to: string, cursor: Cursor | undefined): void;
  end(): void;
}

export function startLeading(options: LeaderOptions): Leader {
  const { host, userId, connect, roster, post, take } = options;
  const recent = createRecent();
  let after: Cursor | undefined;
  let state: ConnectionState | undefined;
  /** What the connection says of its own end is no news. */
  let isMuted = false;
  /** What the others want was refused: what one tab may not have must not keep the others from theirs. */
  let isAlone = false;

  const tellState = (): void => post({ kind: "state", state: state && packState(state) });
  const refuse = (): void => post({ kind: "refused", topics: host.topics() });
  const connection = connect({
    ...host,
    topics: () => (isAlone ? host.topics() : roster.topics(host.topics())),
    cursor: () => (after = roster.cursor(host.cursor(userId))),
    receive(frame) {
      keep(frame);
      // The others first: what this tab has seen must not be lost for them when it ends right now.
      post({ kind: "frame", frame, after });
      return take(frame, after);
    },
    report(next) {
      if (isMuted) return;
      state = next;
      const { status, error } = next;
      if (error?.code === "topic_forbidden" || error?.code === "bad_request") {
        if (isAlone || roster.topics(host.topics()).length === host.topics().length) {
          return options.onRefused();
        }
        isAlone = true;
        refuse();
        return connection.open();
      }
      tellState();
      // Whose token is refused makes room: another tab may have a better one.
      if (status === "unauthorized" || status === "closed") options.onEnd();
      host.report(next);
    },
  });

  function keep(frame: Frame): void {
    if ("topic" in frame) recent.message(frame);
    else if (frame.type === "wire.hello") {
      recent.hello(frame, after);
      roster.served();
    } else if (frame.type === "wire.topics") recent.topics(frame);
    else recent.head(frame.id);
  }

  return {
    wake: () => connection.open(),
    update() {
      if (isAlone) refuse();
      else connection.update();
    },
    tellState,
    greet(to, cursor) {
      if (state?.status !== "live" && state?.status !== "catching_up") return;
      const frames = recent.since(cursor);
      if (frames === undefined) {
        isMuted = true;
        connection.close();
        isMuted = false;
        return connection.open();
      }
      for (const frame of frames) post({ kind: "frame", frame, after: cursor, to });
      roster.served(to);
    },
    end() {
      isMuted = true;
      connection.close();
    },
  };
}
