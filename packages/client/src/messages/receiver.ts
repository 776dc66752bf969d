import {
  parseCursor,
  type ControlMessage,
  type Cursor,
  type CursorParts,
  type Message,
  type Topic,
} from "@inkwire/core/protocol";
import { isControl } from "../connection/frame.js";
import type { ConnectionHost } from "../connection/types.js";
import { trouble } from "../trouble.js";
import type { Gap } from "../types.js";
import type { Cursors } from "./cursors.js";

/** How many ids of one connection are remembered, to tell one that came twice from one that came late. */
const REMEMBERED = 256;

export interface ReceiverOptions {
  readonly cursors: Cursors;
  /** All topics of this client, for a reset. */
  readonly topics: (userId: string | undefined) => readonly Topic[];
  readonly deliver: (message: Message) => void;
  readonly count: (what: "duplicates" | "connections") => void;
  readonly gap: (gap: Gap) => void;
  readonly joined: (topics: readonly Topic[]) => void;
}

/**
 * Exactly once and in order, from what comes at least once: lets through what is after the cursor, moves the cursor, and
 * says what is missing for good.
 *
 * The server's word is checked against what is known here. A hello that calls itself fresh, though a cursor was sent, is
 * a gap unless nothing happened since; an id that came late can't be handed out in order any more, so it is a gap, too.
 */
export function createReceiver(options: ReceiverOptions): ConnectionHost["receive"] {
  const { cursors, gap, topics } = options;
  let user: string | undefined;
  let isNew = true;
  let cursor: CursorParts | undefined;
  /** Of this connection: its place at the start, the head it was told, how many replayed messages are still to come. */
  let start: CursorParts | undefined;
  let head: (CursorParts & { readonly id: Cursor }) | undefined;
  let missing = 0;
  let seen = new Set<number>();
  /** The topics that are in effect. */
  let joined: readonly Topic[] = [];

  const move = (id: Cursor, to: CursorParts): void => {
    cursor = to;
    cursors.set(user, id);
  };
  /** Everything up to the head is here, also where the last of it was not for this client. */
  const moveToHead = (): void => {
    missing = 0;
    if (head !== undefined && !isBehind(head, cursor)) move(head.id, head);
  };

  function hello({ id, data }: ControlMessage<"wire.hello">): void {
    options.count("connections");
    const parts = parseCursor(id);
    head = parts && { ...parts, id: id as Cursor };
    start = cursor;
    seen = new Set();
    missing = data.replayed > 0 ? data.replayed : 0;
    const isOther = cursor !== undefined && head !== undefined && head.epoch !== cursor.epoch;
    if (data.resume === "reset" || isOther) {
      // Of two incarnations the numbers say nothing about each other. Until a message of the new one is here the old cursor
      // is kept: a connection that breaks before is told of the reset once more.
      start = undefined;
      gap({ kind: "reset", topics: topics(user) });
      if (missing === 0 && head !== undefined) move(head.id, head);
    } else if (data.resume === "gap") {
      gap({ kind: "gap", topics: Array.isArray(data.gaps) ? data.gaps : topics(user) });
    } else if (data.resume === "fresh" && cursor !== undefined && head?.seq !== cursor.seq) {
      gap({ kind: "gap", topics: topics(user) });
    }
    if (missing === 0) moveToHead();
  }

  function message(frame: Message): void {
    const parts = parseCursor(frame.id);
    if (parts === undefined || (head !== undefined && parts.epoch !== head.epoch)) {
      throw trouble("invalid_cursor", "A message of another history");
    }
    const { seq } = parts;
    // Of what was announced as replayed some may have merged since: what is beyond the head is live.
    missing = head !== undefined && seq > head.seq ? 0 : Math.max(0, missing - 1);
    if (isBehind(parts, start) || seen.has(seq)) return options.count("duplicates");
    seen.add(seq);
    if (seen.size > REMEMBERED) seen = new Set([...seen].slice(-REMEMBERED / 2));
    if (isBehind(parts, cursor)) return gap({ kind: "gap", topics: [frame.topic] });
    move(frame.id, parts);
    options.deliver(frame);
  }

  function join(named: readonly Topic[]): void {
    const before = joined;
    joined = topics(user).filter(
      (topic) => topic === "all" || topic.startsWith("user/") || named.includes(topic),
    );
    const begun = joined.filter((topic) => !before.includes(topic));
    if (begun.length > 0) options.joined(begun);
  }

  return (frame, userId) => {
    if (isNew || userId !== user) {
      const isOther = !isNew;
      isNew = false;
      user = userId;
      cursor = parseCursor(cursors.get(userId));
      // What the program shows is somebody else's.
      if (isOther) gap({ kind: "reset", topics: topics(user) });
      joined = [];
    }
    if (!isControl(frame)) message(frame);
    else if (frame.type === "wire.hello") hello(frame);
    else if (frame.type === "wire.topics" && Array.isArray(frame.data.topics))
      join(frame.data.topics);
    else if (frame.type === "wire.heartbeat") {
      const parts = parseCursor(frame.id);
      // It comes after silence, so after everything before it.
      if (parts !== undefined && parts.epoch === head?.epoch) {
        head = { ...parts, id: frame.id as Cursor };
        moveToHead();
      }
    }
    return missing === 0;
  };
}

/** Whether `parts` is not after `place`, in its epoch. */
function isBehind(parts: CursorParts, place: CursorParts | undefined): boolean {
  return place !== undefined && parts.epoch === place.epoch && parts.seq <= place.seq;
}
