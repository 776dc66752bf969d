import { InkwireError } from "../protocol/index.js";

/** What badges go by: a user's finished books. */
export interface UserStats {
  readonly booksCompleted: number;
  /** Of all completed books. */
  readonly words: number;
  /** Of the longest one. */
  readonly longestBookWords: number;
}

export interface Badge {
  /** `snake_case`, at most 48 characters. It is awarded once to each user under this name, so it stays what it is. */
  readonly id: string;
  /** At most 200 characters. */
  readonly title: string;
  /** At most 2,000 characters. */
  readonly message: string;
}

export interface BadgeRule extends Badge {
  /** Whether it is earned. Pure; asked whenever a book was completed, until it was awarded. */
  when(stats: UserStats): boolean;
}

const BADGE_ID = /^[a-z][a-z0-9_]{0,47}$/;

/** @throws InkwireError `invalid_option` for an id that can't be kept, or texts that no message can hold. */
export function assertBadge({ id, title, message }: Badge): void {
  if (!BADGE_ID.test(id)) {
    throw invalid(`Expected a badge id in snake_case of at most 48 characters, got ${quote(id)}`);
  }
  if (title === "" || title.length > 200 || message.length > 2000) {
    throw invalid(
      `Expected badge ${id} to have a title of 1 to 200 characters and a message of at most 2000`,
    );
  }
}

/**
 * Declares badges, each with the rule by which it is earned.
 *
 * ```ts
 * const badges = defineBadges([
 *   ...defaultBadges,
 *   { id: "epic", title: "Epic", message: "A book of 200,000 words.", when: (stats) => stats.longestBookWords >= 200_000 },
 * ]);
 * ```
 *
 * @throws InkwireError `invalid_option` for a bad id, text or rule, or an id that is there twice.
 */
export function defineBadges(rules: readonly BadgeRule[]): readonly BadgeRule[] {
  const ids = new Set<string>();
  for (const rule of rules) {
    assertBadge(rule);
    if (typeof rule.when !== "function") {
      throw invalid(`Expected badge ${rule.id} to have a rule: when(stats) => boolean`);
    }
    if (ids.has(rule.id)) throw invalid(`Expected each badge once, got ${rule.id} twice`);
    ids.add(rule.id);
  }
  return Object.freeze([...rules]);
}

/** The badges that come with inkwire. */
export const defaultBadges: readonly BadgeRule[] = defineBadges([
  {
    id: "first_book",
    title: "First book",
    message: "You finished your first book.",
    when: ({ booksCompleted }) => booksCompleted >= 1,
  },
  {
    id: "ten_books",
    title: "Ten books",
    message: "You finished ten books: a shelf of your own.",
    when: ({ booksCompleted }) => booksCompleted >= 10,
  },
  {
    id: "fifty_books",
    title: "Fifty books",
    message: "You finished fifty books.",
    when: ({ booksCompleted }) => booksCompleted >= 50,
  },
  {
    id: "long_book",
    title: "A long breath",
    message: "You finished a book of 50,000 words.",
    when: ({ longestBookWords }) => longestBookWords >= 50_000,
  },
  {
    id: "hundred_thousand_words",
    title: "100,000 words",
    message: "Your books have 100,000 words together.",
    when: ({ words }) => words >= 100_000,
  },
  {
    id: "million_words",
    title: "A million words",
    message: "Your books have a million words together.",
    when: ({ words }) => words >= 1_000_000,
  },
]);

function quote(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 60));
}

function invalid(message: string): InkwireError {
  return new InkwireError("invalid_option", message);
}
