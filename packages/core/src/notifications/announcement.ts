import {
  bookMessages,
  describeIssues,
  InkwireError,
  type SystemNotificationData,
} from "../protocol/index.js";

/** Something for everybody. */
export interface NewAnnouncement {
  /** At most 200 characters. */
  readonly title: string;
  /** At most 2,000 characters. */
  readonly message: string;
  /** When what it tells of begins. */
  readonly scheduledTime?: Date | string | undefined;
  /** When it is over: until then those who connect later are told too. */
  readonly endsAt?: Date | string | undefined;
}

/** A maintenance has a time. */
export interface NewMaintenance extends NewAnnouncement {
  readonly scheduledTime: Date | string;
}

/** A checked announcement, and until when it is of interest: its end, else its beginning, else only now. */
export interface Announcement {
  readonly data: SystemNotificationData;
  /** In milliseconds since 1970. */
  readonly untilMs: number | undefined;
}

/**
 * @throws InkwireError `invalid_message` for texts that are too long, times that are none, an end that is not after the
 *   beginning, or one that has passed.
 */
export async function makeAnnouncement(
  { title, message, scheduledTime, endsAt }: NewAnnouncement,
  kind: NonNullable<SystemNotificationData["kind"]>,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<Announcement> {
  const scheduled = readTime("scheduledTime", scheduledTime);
  const ends = readTime("endsAt", endsAt);
  if (scheduled !== undefined && ends !== undefined && ends <= scheduled) {
    throw invalid("endsAt: expected a time after scheduledTime");
  }
  const untilMs = (ends ?? scheduled)?.getTime();
  if (untilMs !== undefined && untilMs <= nowMs) {
    throw invalid(`${ends === undefined ? "scheduledTime" : "endsAt"}: expected a time to come`);
  }
  const result = await bookMessages.system_notification.schema["~standard"].validate({
    id,
    title,
    message,
    kind,
    scheduled_time: scheduled?.toISOString(),
    ends_at: ends?.toISOString(),
  });
  if (result.issues !== undefined) throw invalid(describeIssues(result.issues));
  return { data: result.value, untilMs };
}

function readTime(name: string, given: Date | string | undefined): Date | undefined {
  if (given === undefined) return undefined;
  const time = new Date(given);
  if (Number.isNaN(time.getTime())) throw invalid(`${name}: expected a date and time in ISO 8601`);
  return time;
}

function invalid(message: string): InkwireError {
  return new InkwireError("invalid_message", message);
}
