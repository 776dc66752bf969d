import { RESERVED_PREFIX, type ControlMessage } from "@inkwire/core/protocol";
import type { Frame } from "./types.js";

export function isControl(frame: Frame): frame is ControlMessage {
  return frame.type.startsWith(RESERVED_PREFIX);
}

/** A frame from JSON text, or `undefined` for anything else: garbage, an array, a message without a topic or data. */
export function parseFrame(json: string): Frame | undefined {
  try {
    const value = JSON.parse(json) as Partial<Record<string, unknown>> | null;
    if (typeof value?.["type"] !== "string") return undefined;
    const frame = value as unknown as Frame;
    const isWhole = isControl(frame)
      ? typeof frame.data === "object" && frame.data !== null
      : typeof frame.topic === "string" && "data" in frame;
    return isWhole ? frame : undefined;
  } catch {
    return undefined;
  }
}
