/** One event of a `text/event-stream`. */
export interface SseEvent {
  /** Becomes the client's `Last-Event-ID`. */
  readonly id?: string;
  /** The event's name, a message's type. @default the browser's `message` */
  readonly event?: string;
  /** The text; line breaks are allowed and become one `data:` line each. */
  readonly data?: string;
  /** Milliseconds that the client waits before it reconnects. */
  readonly retry?: number;
}

/**
 * The bytes of one event as text: fields end with LF alone, since clients exist that lose a CRLF split across chunks.
 * This is the only code that writes `text/event-stream`.
 *
 * @throws TypeError for a line break or NUL in `id` or `event`, and for a `retry` that is no whole number: they would
 *   let a value forge fields.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function encodeSse(event: SseEvent): string {
  let text = "";
  if (event.retry !== undefined) {
    if (!Number.isSafeInteger(event.retry) || event.retry < 0) {
      throw new TypeError(
        `Expected retry to be a whole number of milliseconds, got ${event.retry}`,
      );
    }
    text += `retry: ${event.retry}\n`;
  }
  if (event.id !== undefined) text += `id: ${singleLine("id", event.id)}\n`;
  if (event.event !== undefined) text += `event: ${singleLine("event", event.event)}\n`;
  if (event.data !== undefined) {
    // JSON never holds a raw line break, so our own messages take the short way.
    text += /[\r\n]/.test(event.data)
      ? event.data
          .split(/\r\n|\r|\n/)
          .map((line) => `data: ${line}\n`)
          .join("")
      : `data: ${event.data}\n`;
  }
  return `${text}\n`;
}

/**
 * What stands before the JSON of a message in its event; {@link SSE_AFTER} follows. JSON as `JSON.stringify` writes it holds
 * no raw line break, so it is one line of data as it is.
 *
 * @throws TypeError for a line break or NUL in `id` or `event`.
 */
export function sseBefore(id: string, event: string): string {
  return `id: ${singleLine("id", id)}\nevent: ${singleLine("event", event)}\ndata: `;
}

/** The end of the line of data, and of the event. */
export const SSE_AFTER = "\n\n";

/** A line that clients ignore; it keeps a quiet connection alive through proxies. */
export function encodeSseComment(comment: string): string {
  return `: ${singleLine("comment", comment)}\n\n`;
}

function singleLine(field: string, value: string): string {
  if (/[\r\n\0]/.test(value))
    throw new TypeError(`Expected an SSE ${field} without line breaks or NUL`);
  return value;
}
