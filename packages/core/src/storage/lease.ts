import { InkwireError } from "../protocol/index.js";

/** How long an owner of a lock lives without a heartbeat. */
export const LEASE_TTL_MS = 15_000;

/** What `renew` and `verify` of a lease reject with once it has a newer owner, or was released. */
export function leaseLost(): InkwireError {
  return new InkwireError("lease_lost", "Another process took over this work.", {
    hint: "It goes on there; nothing more is written here.",
  });
}
