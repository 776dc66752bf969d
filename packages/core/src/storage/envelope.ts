/** What a record is wrapped in: which version wrote it, and the data. */
export interface Envelope {
  readonly v: number;
  readonly data: unknown;
}

/** Reads the stored form of a record. Gives back the reason, for people, when it is none. */
export function parseEnvelope(raw: unknown): Envelope | string {
  const text = asText(raw);
  if (text === undefined) return "it is not UTF-8 text";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === "" ? "it is empty" : "it is not whole JSON";
  }
  if (typeof value !== "object" || value === null || !("v" in value) || !("data" in value))
    return "it is not a record";
  if (typeof value.v !== "number" || !Number.isInteger(value.v) || value.v < 1)
    return "it has no version";
  return { v: value.v, data: value.data };
}

function asText(raw: unknown): string | undefined {
  if (typeof raw === "string") return raw;
  if (!(raw instanceof Uint8Array)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return undefined;
  }
}
