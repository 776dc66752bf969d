import type { PlannedRequest, SpentRequest } from "./authors/requests.js";
import type { Repair } from "./repair.js";

/** One line of a draft's log. The first one says what the chapter rests on. */
export type DraftLine =
  | { readonly ground: string }
  | { readonly offset: number; readonly text: string }
  /** A request to a model begins, and has ended. */
  | { readonly planned: PlannedRequest }
  | { readonly spent: SpentRequest }
  | { readonly repair: Repair }
  /** The text came to its proper end; only its checkpoint was missing. */
  | { readonly ended: true }
  /** The guards have read it, and what they found is mended. */
  | { readonly reviewed: true }
  /** What the chapter settles was asked for, and did not come. */
  | { readonly unsettled: true };

/** What the log of a draft says, all lines together. */
export interface DraftState {
  /** What the chapter rests on; `undefined` where nobody said. */
  readonly ground: string | undefined;
  readonly text: string;
  readonly ended: boolean;
  readonly reviewed: boolean;
  /** How often what the chapter settles was asked for in vain. */
  readonly unsettled: number;
  readonly spent: readonly SpentRequest[];
  readonly repairs: readonly Repair[];
  /** The request that was under way when the log ended, and how much text came of it. */
  readonly open: { readonly planned: PlannedRequest; readonly chars: number } | undefined;
}

/** Reads a log. A torn line is left out; text that goes back overwrites what it repeats. */
export function readDraftLines(lines: string): DraftState {
  let ground: string | undefined;
  let text = "";
  let ended = false;
  let reviewed = false;
  let unsettled = 0;
  const spent: SpentRequest[] = [];
  const repairs: Repair[] = [];
  let open: { readonly planned: PlannedRequest; chars: number } | undefined;

  for (const line of lines.split("\n")) {
    const entry = parseLine(line);
    if (entry === undefined) continue;
    if ("text" in entry) {
      if (entry.offset > text.length) continue;
      text =
        entry.offset === text.length ? text + entry.text : text.slice(0, entry.offset) + entry.text;
      ended = false;
      reviewed = false;
      if (open !== undefined) open.chars += entry.text.length;
    } else if ("ground" in entry) ground = entry.ground;
    else if ("planned" in entry) open = { planned: entry.planned, chars: 0 };
    else if ("spent" in entry) {
      spent.push(entry.spent);
      open = undefined;
    } else if ("repair" in entry) repairs.push(entry.repair);
    else if ("reviewed" in entry) reviewed = true;
    else if ("unsettled" in entry) unsettled++;
    else ended = true;
  }
  return { ground, text, ended, reviewed, unsettled, spent, repairs, open };
}

/** A line of ours, or nothing: what a crash tore, and what somebody else wrote there. */
function parseLine(line: string): DraftLine | undefined {
  if (line === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { offset, text, ground, planned, spent, repair, ended, reviewed, unsettled } = value;
  if (typeof offset === "number" && offset >= 0 && typeof text === "string") {
    return { offset, text };
  }
  if (typeof ground === "string") return { ground };
  // Whole lines of these were written by us: a torn one does not parse.
  if (isRecord(planned)) return { planned: planned as unknown as PlannedRequest };
  if (isRecord(spent) && isRecord(spent["usage"])) {
    return { spent: spent as unknown as SpentRequest };
  }
  if (isRecord(repair)) return { repair: repair as unknown as Repair };
  if (reviewed === true) return { reviewed };
  if (unsettled === true) return { unsettled };
  return ended === true ? { ended } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
