import type { NotificationData } from "@inkwire/core/protocol";
import type { Paint, Style } from "./color.js";
import { sanitizeLine } from "./sanitize.js";

const styles: Readonly<Record<NotificationData["type"], Style>> = {
  info: "cyan",
  success: "green",
  warning: "yellow",
  error: "red",
};

/** The page of `inbox`: a line for each notification with its text below, the unread ones marked. */
export function formatInbox(notifications: readonly NotificationData[], paint: Paint): string {
  return notifications
    .map(({ id, title, message, type, action_url: link, created_at: at, read_at: read }) => {
      const mark = read === undefined ? "*" : " ";
      const when = at === undefined ? "" : `${at.slice(0, 16).replace("T", " ")}  `;
      const head = `${mark} ${when}${paint(styles[type], type.padEnd(7))}  ${sanitizeLine(title, 120)}`;
      const details = [message, ...(link === undefined ? [] : [link]), `id ${id}`];
      return [head, ...details.map((text) => `    ${sanitizeLine(text, 400)}`)].join("\n");
    })
    .join("\n")
    .concat("\n");
}
