import type { ControlData, ControlMessage, ControlType, Cursor } from "../protocol/index.js";

export function controlMessage<T extends ControlType>(
  type: T,
  data: ControlData[T],
  nowMs: number,
  id?: Cursor,
): ControlMessage {
  const message = id === undefined ? { type } : { id, type };
  // TypeScript does not relate a generic key to its member of the union.
  return { ...message, time: isoOf(nowMs), data } as ControlMessage;
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
