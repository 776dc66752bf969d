import type { Identity } from "../auth/identity.js";
import type { ControlMessage, Cursor, ResumeVerdict, Topic } from "../protocol/index.js";
import { controlMessage, isoOf } from "./control-message.js";

/** What a reader is told of its resume. */
interface Verdict {
  readonly verdict: ResumeVerdict;
  readonly gaps: readonly Topic[];
  readonly replayed: number;
}

/** The first message of a connection. @param id - where it stands from now on */
export function helloMessage(
  connection: { readonly id: string; readonly identity: Identity },
  { verdict, gaps, replayed }: Verdict,
  heartbeatMs: number,
  nowMs: number,
  id: Cursor,
): ControlMessage {
  return controlMessage(
    "wire.hello",
    {
      connection_id: connection.id,
      resume: verdict,
      gaps,
      replayed,
      heartbeat_ms: heartbeatMs,
      expires_at: isoOf(connection.identity.expiresAt),
      now: isoOf(nowMs),
    },
    nowMs,
    id,
  );
}
