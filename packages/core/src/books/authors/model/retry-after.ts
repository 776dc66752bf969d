/** A day: what is longer is a mistake of the other side's, or of its clock. */
const maxRetryAfterMs = 86_400_000;

/**
 * Milliseconds to wait, of `retry-after-ms` or `Retry-After` (seconds or an HTTP date), at most a day; `undefined` when
 * neither says so.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | undefined {
  const milliseconds = headers["retry-after-ms"]?.trim();
  if (milliseconds !== undefined && /^\d+(?:\.\d+)?$/.test(milliseconds))
    return bounded(Number(milliseconds));
  const value = headers["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return bounded(Number(value) * 1000);
  // Date.parse takes nearly anything; an HTTP date begins with a day's name.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : bounded(date - nowMs);
}

function bounded(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, 0), maxRetryAfterMs));
}
