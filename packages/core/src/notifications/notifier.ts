import { randomUUID } from "node:crypto";
import type { NotificationData, SystemNotificationData } from "../protocol/index.js";
import { createAchievements, type CompletedBook, type UserAchievements } from "./achievements.js";
import type { NewAnnouncement, NewMaintenance } from "./announcement.js";
import { createAnnouncements } from "./announcements.js";
import { assertBadge, type Badge } from "./badges.js";
import { createExclusive } from "./exclusive.js";
import { createInbox, type Inbox } from "./inbox.js";
import type { NotificationText } from "./notification.js";
import { resolveBadges, resolveRetention, type NotifierOptions } from "./options.js";

/**
 * Tells users things, wherever they are: what is for one user is stored in the inbox and told on `user/<id>`, what is for
 * everybody is told on `all`. A call resolves once it is stored, whether or not anybody is connected.
 *
 * The calls on a user: @throws InkwireError `invalid_request` for what is no user id, `invalid_message` for a text that is
 * too long or a link that leads nowhere good.
 */
export interface Notifier {
  readonly inbox: Inbox;
  info(userId: string, text: NotificationText): Promise<void>;
  success(userId: string, text: NotificationText): Promise<void>;
  warning(userId: string, text: NotificationText): Promise<void>;
  error(userId: string, text: NotificationText): Promise<void>;
  /** Once for each user, however often it is called; `false` when it was done before. */
  welcome(userId: string, text?: NotificationText): Promise<boolean>;
  /** Awards a badge by hand, once for each user; `false` when the user has it. @throws InkwireError `invalid_option` */
  badge(userId: string, badge: Badge): Promise<boolean>;
  /** Counts a completed book, once for each id, and awards the badges that are earned by it. Gives back the new ones. */
  bookCompleted(userId: string, book: CompletedBook): Promise<readonly Badge[]>;
  achievements(userId: string): Promise<UserAchievements>;
  /** A notice to everybody; with a time, also to those who connect before that has passed. Gives back its id. */
  system(notice: NewAnnouncement): Promise<string>;
  /** A maintenance to everybody, also to those who connect before it is over. Gives back its id. */
  maintenance(maintenance: NewMaintenance): Promise<string>;
  /** Nobody who connects later is told of this notice or maintenance; `false` when it was over. */
  withdraw(announcementId: string): Promise<boolean>;
  /** What is scheduled and not over, oldest first: the state that a client reads when it starts. */
  announcements(): Promise<readonly SystemNotificationData[]>;
  /**
   * To be called whenever a connection of this user has opened, whatever it is made of: tells on `user/<id>` what is
   * scheduled, each once for each user as long as this process lives. Whoever was told on `all` before may hear it once
   * more; it has the same `id`. Gives back how many were told.
   */
  greet(userId: string): Promise<number>;
}

const WELCOME: NotificationText = {
  title: "Welcome",
  message: "Here you will find what happens to your books.",
};

/** Of how many users it is remembered that they were welcomed, so that each connection need not ask the storage. */
const MAX_WELCOMED = 50_000;

/**
 * Notifications, badges and announcements on a bus, kept in a home. Any number of processes may share the home.
 *
 * ```ts
 * const notify = createNotifier({ bus, home });
 * await notify.success("42", { title: "Exported", message: "Your EPUB is ready.", actionUrl: "/books/7" });
 * ```
 *
 * @throws InkwireError `invalid_option`
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { bus, home, now = Date.now, uuid = randomUUID } = options;
  const onProblem = (problem: unknown): void => {
    try {
      options.onProblem?.(problem);
    } catch {
      // Who was to be told has failed itself; nobody is left to tell, and the work goes on.
    }
  };
  const exclusive = createExclusive(home.locks);
  const retention = resolveRetention(options);
  const inbox = createInbox({ bus, home, exclusive, retention, now, uuid, onProblem });
  const rules = resolveBadges(options);
  const achievements = createAchievements({ home, exclusive, inbox, rules, now, onProblem });
  const announcements = createAnnouncements({ bus, home, now, onProblem });
  const welcomed = new Set<string>();

  const teller =
    (type: NotificationData["type"]) => async (userId: string, text: NotificationText) => {
      await inbox.add(userId, { ...text, type });
    };

  return {
    inbox,
    info: teller("info"),
    success: teller("success"),
    warning: teller("warning"),
    error: teller("error"),
    async welcome(userId, text = WELCOME) {
      if (welcomed.has(userId)) return false;
      const isNew = await achievements.welcome(userId, text);
      if (welcomed.size >= MAX_WELCOMED) welcomed.clear();
      welcomed.add(userId);
      return isNew;
    },
    async badge(userId, badge) {
      assertBadge(badge);
      return achievements.award(userId, badge);
    },
    bookCompleted: (userId, book) => achievements.bookCompleted(userId, book),
    achievements: (userId) => achievements.of(userId),
    system: (notice) => announcements.announce(notice, "notice"),
    maintenance: (maintenance) => announcements.announce(maintenance, "maintenance"),
    withdraw: (announcementId) => announcements.withdraw(announcementId),
    announcements: () => announcements.pending(),
    greet: (userId) => announcements.greet(userId),
  };
}
