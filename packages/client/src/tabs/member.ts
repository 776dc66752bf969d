import type { ConnectionFactory, ConnectionHost } from "../connection/types.js";
import type { ConnectionState } from "../types.js";
import {
  groupName,
  isTabMessage,
  unpackState,
  type TabMessage,
  type TabSaying,
} from "./channel.js";
import type { TabEnvironment } from "./environment.js";
import { createFilter } from "./filter.js";
import { startLeading, type Leader } from "./leader.js";
import { createRoster } from "./roster.js";

/** A follower asks so often whether the leader is still there, and gives it so long to answer. */
const ASK_EVERY_MS = 4_000;
const ANSWER_MS = 1_000;

export interface MemberOptions extends TabEnvironment {
  readonly base: URL;
  readonly userId: string;
  readonly host: ConnectionHost;
  readonly connect: ConnectionFactory;
  /** The server refused what all tabs want together: each must ask for itself. */
  readonly onRefused: () => void;
}

export interface Member {
  /** Somebody looks at this tab, or asked it to connect. */
  wake(): void;
  /** What this tab wants has changed. */
  update(): void;
  leave(): void;
}

/*
 *              lock granted, or stolen from one that does not answer
 *   follower ──────────────────────────────────────────────────────▶ leader: has the connection, tells the others
 *      ▲                                                               │
 *      └──────────── lock stolen, signed out ◀─────────────────────────┘
 *
 * The browser gives the lock on when its tab closes, freezes (`leave` on `suspend`) or crashes. All members hear each
 * other, so that the next leader knows at once what all of them want.
 */
export function joinGroup(options: MemberOptions): Member {
  const { base, userId, host, clock, locks, openChannel, random, onRefused } = options;
  const name = groupName(base, userId);
  const id = `${clock.now().toString(36)}.${random().toString(36).slice(2)}`;
  const channel = openChannel(name);
  const roster = createRoster(() => clock.now());
  const take = createFilter(host, userId, () => say(true, false));
  /** Whose frames count. */
  let leaderId: string | undefined;
  let heardAt = 0;
  let retryAt: number | undefined;
  let lead: (Leader & { readonly release: () => void }) | undefined;
  /** Our place in the line for the lock. */
  let queue: AbortController | undefined;
  let cancelAsk: (() => void) | undefined;
  let hasLeft = false;

  function post(saying: TabSaying): void {
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's has none
      channel.postMessage({ ...saying, from: id });
    } catch {
      // It was closed under us, or holds what can't be cloned: the others ask again.
    }
  }

  const say = (isNew: boolean, wake: boolean): void =>
    post({ kind: "here", topics: host.topics(), cursor: host.cursor(userId), isNew, wake });

  /** Stands in line for the lock; `steal` breaks the line, and whoever has it hears of that. */
  function stand(steal: boolean): void {
    queue?.abort();
    const own = (queue = new AbortController());
    const hold = (): Promise<void> | undefined =>
      own === queue && !hasLeft ? new Promise(takeLead) : undefined;
    locks.request(name, steal ? { steal } : { signal: own.signal }, hold).catch(() => {
      // Taken from us: we were frozen, or so it seemed.
      if (own !== queue || hasLeft) return;
      endLead();
      stand(false);
    });
  }

  function takeLead(release: () => void): void {
    leaderId = id;
    post({ kind: "lead" });
    const leader = startLeading({ ...options, roster, post, take, onEnd: stepBack });
    lead = { ...leader, release };
    leader.wake();
  }

  function endLead(): void {
    const before = lead;
    if (before !== undefined) leaderId = undefined;
    lead = undefined;
    before?.end();
    before?.release();
  }

  /** Leads no more, and does not stand for it until somebody asks. */
  function stepBack(): void {
    queue?.abort();
    queue = undefined;
    endLead();
  }

  channel.onmessage = ({ data }) => {
    try {
      if (!hasLeft && isTabMessage(data)) hear(data);
    } catch (error) {
      host.malformed(String(error));
    }
  };

  function hear(message: TabMessage): void {
    const { from, kind } = message;
    if (kind === "here") {
      const { topics, cursor, isNew, wake } = message;
      const isOther = roster.heard(from, topics, isNew ? cursor : undefined);
      if (isOther) lead?.update();
      lead?.tellState();
      if (isNew) lead?.greet(from, cursor);
      if (wake) lead?.wake();
    } else if (kind === "gone") {
      if (roster.gone(from)) lead?.update();
    } else if (kind === "refused") {
      if (!host.topics().every((topic) => message.topics.includes(topic))) onRefused();
    } else if (kind === "lead") {
      // Whoever took the lock from us says so before the browser does.
      if (lead !== undefined) {
        endLead();
        stand(false);
      }
      leaderId = from;
      heardAt = clock.now();
      say(false, false);
    } else {
      leaderId ??= from;
      // What a leader that was frozen still had to say.
      if (from !== leaderId) return;
      heardAt = clock.now();
      if (kind === "state" && message.state !== undefined) follow(unpackState(message.state));
      if (kind === "frame" && (message.to ?? id) === id) take(message.frame, message.after);
    }
  }

  function follow(state: ConnectionState): void {
    retryAt = state.retryAt;
    // Our token may be better: it is our turn now.
    if (state.status === "unauthorized" && queue !== undefined) return;
    if (state.status === "closed") stepBack();
    host.report(state);
  }

  function ask(wake: boolean): void {
    cancelAsk?.();
    if (hasLeft) return;
    const askedAt = clock.now();
    // A leader that nobody sees may be late with its next attempt: its timers are throttled.
    if (lead === undefined) say(false, wake || askedAt >= (retryAt ?? Infinity));
    cancelAsk = clock.after(ANSWER_MS * (1 + random()), () => {
      const isLate = clock.now() - askedAt > ANSWER_MS * 4;
      const isSilent = lead === undefined && heardAt < askedAt;
      // Late itself, it was asleep, and may not have heard yet what was answered.
      if (isSilent && !isLate && queue !== undefined) {
        stand(true);
      }
      cancelAsk = clock.after(isLate ? 0 : ASK_EVERY_MS, () => ask(false));
    });
  }

  say(true, false);
  stand(false);
  ask(false);

  return {
    wake() {
      if (queue === undefined) stand(false);
      lead?.wake();
      ask(true);
    },
    update() {
      if (lead === undefined) say(false, false);
      else lead.update();
    },
    leave() {
      hasLeft = true;
      cancelAsk?.();
      post({ kind: "gone" });
      stepBack();
      channel.close();
    },
  };
}
