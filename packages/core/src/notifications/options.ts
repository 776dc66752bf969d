import type { Bus } from "../bus/types.js";
import { InkwireError, type BookMessages } from "../protocol/index.js";
import type { Home } from "../storage/types.js";
import { defaultBadges, defineBadges, type BadgeRule } from "./badges.js";
import type { Retention } from "./inbox-state.js";

export interface NotifierOptions {
  /** Gets `notification` and `inbox_update` on `user/<id>`, `system_notification` on `all` and on `user/<id>`. */
  readonly bus: Pick<Bus<BookMessages>, "publish">;
  /** Where inboxes, badges and announcements are kept. Closing it is its opener's business, as with the bus. */
  readonly home: Home;
  /** What can be earned: see `defineBadges`. @default {@link defaultBadges} */
  readonly badges?: readonly BadgeRule[] | undefined;
  /** How many notifications each inbox keeps, 1 to 1,000. The oldest read ones go first. @default 500 */
  readonly maxPerUser?: number | undefined;
  /** How long a notification is kept, in milliseconds, at least a minute. @default 90 days */
  readonly maxAgeMs?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Makes the ids of notifications. @default crypto.randomUUID */
  readonly uuid?: (() => string) | undefined;
  /**
   * Told what went wrong beside the work, which goes on: a message that could not be published, a damaged record that was
   * put aside, a badge's rule that threw. @default nobody
   */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
}

export const NOTIFIER_DEFAULTS = { maxPerUser: 500, maxAgeMs: 7_776_000_000 } as const;

/** An `inbox_update` names at most so many (docs/protocol.md, "Messages"). */
const MAX_PER_USER = 1_000;
const MIN_AGE_MS = 60_000;

/** @throws InkwireError `invalid_option` */
export function resolveRetention({ maxPerUser, maxAgeMs }: NotifierOptions): Retention {
  const most = maxPerUser ?? NOTIFIER_DEFAULTS.maxPerUser;
  const age = maxAgeMs ?? NOTIFIER_DEFAULTS.maxAgeMs;
  if (!(Number.isSafeInteger(most) && most >= 1 && most <= MAX_PER_USER)) {
    throw new InkwireError(
      "invalid_option",
      `Expected maxPerUser to be a whole number from 1 to ${MAX_PER_USER}, got ${most}`,
    );
  }
  if (!(age >= MIN_AGE_MS)) {
    throw new InkwireError(
      "invalid_option",
      `Expected maxAgeMs to be a number >= ${MIN_AGE_MS}, got ${age} (did you mean days?)`,
    );
  }
  return { maxPerUser: most, maxAgeMs: age };
}

/** @throws InkwireError `invalid_option` */
export function resolveBadges({ badges }: NotifierOptions): readonly BadgeRule[] {
  return badges === undefined ? defaultBadges : defineBadges(badges);
}
