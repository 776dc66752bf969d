import * as v from "valibot";
import { isInkwireError } from "../protocol/index.js";
import { createRecords } from "../storage/records.js";
import type { Home } from "../storage/types.js";
import type { Badge, BadgeRule, UserStats } from "./badges.js";
import type { Exclusive } from "./exclusive.js";
import type { Inbox } from "./inbox.js";
import type { NotificationText } from "./notification.js";
import { userKey } from "./user-key.js";

/** What a user has reached so far. */
export interface UserAchievements {
  readonly stats: UserStats;
  /** In the order they were awarded. `awardedAt` is ISO 8601. */
  readonly badges: ReadonlyArray<{ readonly id: string; readonly awardedAt: string }>;
}

/** What happens once to a user: the welcome, each badge, each finished book. */
export interface Achievements {
  /** `false` when the user was welcomed before. */
  welcome(userId: string, text: NotificationText): Promise<boolean>;
  /** Counts a completed book, once for each id, and awards what is earned by it; gives back what is new. */
  bookCompleted(userId: string, book: CompletedBook): Promise<readonly Badge[]>;
  /** `false` when the user has it. */
  award(userId: string, badge: Badge): Promise<boolean>;
  of(userId: string): Promise<UserAchievements>;
}

/** A book that was finished, as the rules of badges count it. */
export interface CompletedBook {
  readonly bookId: number;
  readonly words: number;
}

interface Profile {
  readonly welcomedAt?: string;
  /** Words by book, so that a book that is told twice counts once, and one that was rewritten counts anew. */
  readonly books: Readonly<Record<string, number>>;
  readonly badges: ReadonlyArray<{ readonly id: string; readonly awardedAt: string }>;
}

const NEW_PROFILE: Profile = { books: {}, badges: [] };

const profileSchema = v.object({
  welcomedAt: v.exactOptional(v.string()),
  books: v.record(v.string(), v.pipe(v.number(), v.minValue(0))),
  badges: v.array(v.object({ id: v.string(), awardedAt: v.string() })),
});

export interface AchievementsDeps {
  readonly home: Home;
  readonly exclusive: Exclusive;
  readonly inbox: Inbox;
  readonly rules: readonly BadgeRule[];
  readonly now: () => number;
  readonly onProblem: (problem: unknown) => void;
}

/**
 * Everything here happens under the user's lock, and first to the inbox and then to the record. A process that ends in
 * between leaves it to the next one to do both again, and the inbox knows the id: so it is told exactly once.
 */
export function createAchievements(deps: AchievementsDeps): Achievements {
  const { exclusive, inbox, rules, now, onProblem } = deps;
  const records = createRecords<Profile>({
    storage: deps.home.storage,
    prefix: "profiles",
    version: 1,
    schema: profileSchema,
  });

  const load = async (key: string): Promise<Profile> => {
    try {
      return (await records.get(key)) ?? NEW_PROFILE;
    } catch (error) {
      if (!isInkwireError(error, "record_damaged")) throw error;
      onProblem(error);
      return NEW_PROFILE;
    }
  };

  const change = <T>(
    userId: string,
    work: (profile: Profile) => Promise<{ readonly profile: Profile; readonly result: T }>,
  ): Promise<T> => {
    const key = userKey(userId);
    return exclusive.run(`profile:${key}`, async (lease) => {
      const before = await load(key);
      const { profile, result } = await work(before);
      if (profile === before) return result;
      await records.put(key, profile, { lease });
      return result;
    });
  };

  const give = async (userId: string, profile: Profile, badges: readonly Badge[]) => {
    for (const { id, title, message } of badges) {
      await inbox.add(userId, {
        id: `badge-${id}`,
        type: "success",
        kind: "badge",
        badge: id,
        title,
        message,
      });
    }
    const awardedAt = new Date(now()).toISOString();
    const given = badges.map(({ id }) => ({ id, awardedAt }));
    return given.length === 0 ? profile : { ...profile, badges: [...profile.badges, ...given] };
  };

  const isEarned = (rule: BadgeRule, stats: UserStats): boolean => {
    try {
      return rule.when(stats);
    } catch (error) {
      // One rule that fails must not cost the user the others.
      onProblem(error);
      return false;
    }
  };

  return {
    async welcome(userId, text) {
      // Almost everybody was: those who come back to another server, thousands at once, need no lock to be told nothing.
      if ((await load(userKey(userId))).welcomedAt !== undefined) return false;
      return change(userId, async (profile) => {
        if (profile.welcomedAt !== undefined) return { profile, result: false };
        await inbox.add(userId, { ...text, id: "welcome", type: "info", kind: "welcome" });
        const welcomedAt = new Date(now()).toISOString();
        return { profile: { ...profile, welcomedAt }, result: true };
      });
    },

    bookCompleted: (userId, { bookId, words }) =>
      change(userId, async (before) => {
        const isKnown = before.books[bookId] === words;
        const profile = isKnown
          ? before
          : { ...before, books: { ...before.books, [bookId]: words } };
        const stats = statsOf(profile);
        const earned = rules.filter((rule) => !has(profile, rule.id) && isEarned(rule, stats));
        return { profile: await give(userId, profile, earned), result: earned };
      }),

    award: (userId, badge) =>
      change(userId, async (profile) => {
        if (has(profile, badge.id)) return { profile, result: false };
        return { profile: await give(userId, profile, [badge]), result: true };
      }),

    async of(userId) {
      const profile = await load(userKey(userId));
      return { stats: statsOf(profile), badges: profile.badges };
    },
  };
}

function has({ badges }: Profile, id: string): boolean {
  return badges.some((badge) => badge.id === id);
}

function statsOf({ books }: Profile): UserStats {
  const lengths = Object.values(books);
  return {
    booksCompleted: lengths.length,
    words: lengths.reduce((sum, words) => sum + words, 0),
    longestBookWords: lengths.reduce((longest, words) => Math.max(longest, words), 0),
  };
}
