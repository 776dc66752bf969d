import type { StepCall, StepRef } from "../pipeline/types.js";
import type { Allowed, AuthorCall } from "./authors/author.js";
import type { PlannedRequest, SpentRequest } from "./authors/requests.js";
import type { Repair } from "./repair.js";

/** Where in which job something happens. */
export interface AuthorPlace {
  readonly jobId: string;
  readonly step: StepRef;
}

/** What authors do besides writing, told as it happens. */
export interface AuthorEvents {
  /** Before each request to a model; what it throws fails the step, and the request is not made. */
  readonly onRequest?:
    | ((
        place: AuthorPlace,
        request: PlannedRequest,
        signal: AbortSignal,
      ) => Allowed | Promise<Allowed>)
    | undefined;
  readonly onUsage?: ((place: AuthorPlace, spent: SpentRequest) => void) | undefined;
  /** Before a wait for a provider, in milliseconds. */
  readonly onWait?: ((place: AuthorPlace, waitMs: number) => void) | undefined;
  readonly onRepair?: ((place: AuthorPlace, repair: Repair) => void) | undefined;
}

/** The call of an author inside a step. */
export function makeAuthorCall(
  { jobId, step, signal }: Pick<StepCall, "jobId" | "step" | "signal">,
  write: AuthorCall["write"],
  events: AuthorEvents,
): AuthorCall & Required<Pick<AuthorCall, "onRequest" | "onUsage" | "onRepair" | "onWait">> {
  const place: AuthorPlace = { jobId, step };
  return {
    signal,
    write,
    onRequest: (request) => events.onRequest?.(place, request, signal),
    onUsage: (spent) => events.onUsage?.(place, spent),
    onWait: (waitMs) => events.onWait?.(place, waitMs),
    onRepair: (repair) => events.onRepair?.(place, repair),
  };
}
