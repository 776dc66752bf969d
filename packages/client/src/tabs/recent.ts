import {
  parseCursor,
  type ControlMessage,
  type Cursor,
  type CursorParts,
  type Message,
} from "@inkwire/core/protocol";
import type { Frame } from "../connection/types.js";

/** How many messages the leader keeps for tabs that come or wake up. */
const MAX_RECENT = 256;

/** The end of the stream, kept so that a tab that comes or wakes up is served without a new connection. */
export interface Recent {
  /** @param after - where the connection of this hello resumed. */
  hello(frame: ControlMessage<"wire.hello">, after: Cursor | undefined): void;
  message(frame: Message): void;
  head(id: Cursor | undefined): void;
  topics(frame: ControlMessage<"wire.topics">): void;
  /** What a tab with this cursor needs to hear; `undefined` when that is more than is kept. */
  since(cursor: Cursor | undefined): readonly Frame[] | undefined;
}

export function createRecent(): Recent {
  let hello: ControlMessage<"wire.hello"> | undefined;
  let topics: ControlMessage<"wire.topics"> | undefined;
  let messages: Message[] = [];
  /** Of everything after this place, `messages` has all; the end is at `last`. */
  let start: CursorParts | undefined;
  let last: { readonly id: Cursor; readonly at: CursorParts } | undefined;

  const reach = (id: Cursor | undefined): void => {
    const at = parseCursor(id);
    if (at === undefined || id === undefined) return;
    if (last === undefined || last.at.epoch !== at.epoch || last.at.seq < at.seq) last = { id, at };
  };

  return {
    hello(frame, after) {
      const place = parseCursor(after);
      const goesOn =
        frame.data.resume === "recovered" &&
        start !== undefined &&
        place?.epoch === start.epoch &&
        place.seq >= start.seq;
      if (!goesOn) {
        messages = [];
        start = frame.data.resume === "recovered" ? place : parseCursor(frame.id);
        last = undefined;
      }
      hello = frame;
      if (start !== undefined && after !== undefined) reach(after);
      if (!(frame.data.replayed > 0)) reach(frame.id);
    },
    message(frame) {
      const at = parseCursor(frame.id);
      if (at === undefined || (last?.at.epoch === at.epoch && at.seq <= last.at.seq)) return;
      reach(frame.id);
      messages.push(frame);
      const oldest = messages.length > MAX_RECENT ? messages.shift() : undefined;
      if (oldest !== undefined) start = parseCursor(oldest.id);
    },
    head: reach,
    topics(frame) {
      topics = frame;
    },
    since(cursor) {
      if (hello === undefined || last === undefined) return undefined;
      const place = parseCursor(cursor);
      const greet = (resume: "fresh" | "recovered" | "reset", replayed: number): Frame => ({
        ...(hello as ControlMessage<"wire.hello">),
        id: last?.id as Cursor,
        data: { ...(hello as ControlMessage<"wire.hello">).data, resume, replayed, gaps: [] },
      });
      const end = topics === undefined ? [] : [topics];
      if (place === undefined) return [greet("fresh", 0), ...end];
      if (place.epoch !== last.at.epoch) return [greet("reset", 0), ...end];
      if (start === undefined || place.epoch !== start.epoch || place.seq < start.seq)
        return undefined;
      const missed = messages.filter(({ id }) => (parseCursor(id)?.seq ?? 0) > place.seq);
      return [greet("recovered", missed.length), ...missed, ...end];
    },
  };
}
