import { parseCursor, type ControlMessage, type Cursor } from "@inkwire/core/protocol";
import type { ConnectionHost, Frame } from "../connection/types.js";

/**
 * Hands on what this tab may hear of a stream that resumed where some other tab needed it.
 *
 * - Without a cursor of its own it begins at the end of what is replayed for others.
 * - A stream that resumed after its place would leave a hole: nothing is handed on, and `askAgain` is called, until one
 *   comes that reaches back far enough.
 */
export function createFilter(
  host: ConnectionHost,
  userId: string,
  askAgain: () => void,
): (frame: Frame, after: Cursor | undefined) => boolean {
  let isAway = true;
  /** Up to here it is not ours. */
  let skip: number | undefined;

  function greet(
    hello: ControlMessage<"wire.hello">,
    after: Cursor | undefined,
  ): ControlMessage<"wire.hello"> | undefined {
    const own = parseCursor(host.cursor(userId));
    const place = parseCursor(after);
    skip = undefined;
    if (own === undefined && place !== undefined) {
      skip = parseCursor(hello.id)?.seq;
      return { ...hello, data: { ...hello.data, resume: "fresh", replayed: 0, gaps: [] } };
    }
    // Where it resumed nowhere, it begins at its head.
    const begin = place ?? parseCursor(hello.id);
    const isBehind = own !== undefined && own.epoch === begin?.epoch && own.seq < begin.seq;
    return isBehind && hello.data.resume !== "reset" ? undefined : hello;
  }

  return (frame, after) => {
    let next: Frame | undefined = frame;
    if (frame.type === "wire.hello") {
      next = greet(frame as ControlMessage<"wire.hello">, after);
      isAway = next === undefined;
      if (isAway) askAgain();
    } else if (isAway || ("topic" in frame && (parseCursor(frame.id)?.seq ?? 0) <= (skip ?? -1))) {
      next = undefined;
    }
    return next === undefined || host.receive(next, userId);
  };
}
