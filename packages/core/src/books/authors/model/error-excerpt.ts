const maxExcerptChars = 200;

/**
 * What a provider said, fit to end a message of ours: `: what it said`, one line, short, and without keys; or nothing.
 *
 * @param secrets - left out wherever they stand.
 */
export function excerpt(text: string | undefined, secrets: readonly string[]): string {
  if (text === undefined) return "";
  let clean = text
    .slice(0, 10_000)
    // oxlint-disable-next-line no-control-regex -- a terminal's colours would glue themselves to the words beside them
    .replace(/\u001b\[[0-9;]*[A-Za-z]/g, "")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  // One that is shorter is no secret, and would tear every word apart.
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, "[key]");
  clean = clean
    // Anything that looks like a key, also another's, or ours cut short by the provider.
    .replace(/\b(?:sk|pk|rk|gsk|xai)-[\w*.-]{4,}/gi, "[key]")
    .replace(/Bearer\s+\S+/gi, "Bearer [key]");
  if (clean.length > maxExcerptChars)
    clean = `${clean.slice(0, maxExcerptChars).toWellFormed()} […]`;
  return clean === "" ? "" : `: ${clean.replace(/\.$/, "")}`;
}

/** The message inside an error body; nothing of a web page. */
export function bodyMessage(body: string | undefined): string | undefined {
  if (body === undefined || /^\s*</.test(body)) return undefined;
  try {
    return spokenMessage(JSON.parse(body)) ?? undefined;
  } catch {
    return body;
  }
}

/** The message of an error in one of its many shapes: text, `{message}`, `{error: text}`, `{error: {message}}`, `{detail}`. */
export function spokenMessage(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!isRecord(value)) return undefined;
  const { message, detail, error } = value;
  if (typeof message === "string") return message;
  if (typeof detail === "string") return detail;
  return error === undefined || error === value ? undefined : spokenMessage(error);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
