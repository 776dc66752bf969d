/** Numbers and times as people read them; the same in every renderer and table. */

const numbers = new Intl.NumberFormat("en-US");

/** `18034` as `18,034`. */
export function formatCount(count: number): string {
  return numbers.format(count);
}

/** `1 chapter`, `12 chapters`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Seconds as `0.4 s`, `42 s`, `3 min 20 s` or `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The local time of day, `21:10:04`. */
export function formatTime(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** Two numbers of seconds as one span, no more exact than an estimate can be: `40 to 60 s`, `2 to 3 min`. */
export function formatSpan(lowSeconds: number, highSeconds: number): string {
  const [unit, seconds] =
    highSeconds < 90
      ? (["s", 1] as const)
      : highSeconds < 5400
        ? (["min", 60] as const)
        : (["h", 3600] as const);
  const from = Math.floor(lowSeconds / seconds);
  const to = Math.max(1, Math.ceil(highSeconds / seconds));
  return from === to ? `${to} ${unit}` : `${from} to ${to} ${unit}`;
}
