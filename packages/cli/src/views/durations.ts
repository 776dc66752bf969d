import { formatSpan } from "../output/words.js";

/** Whole seconds, which a clock that is drawn every second needs: `12 s`, `1 min 05 s`, or `1:05`. */
export function formatElapsed(seconds: number, roomy: boolean): string {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = (unit: number): string => String(unit).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  if (!roomy)
    return hours > 0
      ? `${hours}:${rest(minutes)}:${rest(whole % 60)}`
      : `${minutes}:${rest(whole % 60)}`;
  if (hours > 0) return `${hours} h ${rest(minutes)} min`;
  return whole < 60 ? `${whole} s` : `${minutes} min ${rest(whole % 60)} s`;
}

/** An estimate, no more exact than it can be: `2 to 4 min left`, `about 2 min left`, `~2 min left`. */
export function formatLeft(
  { seconds, low, high }: { readonly seconds: number; readonly low: number; readonly high: number },
  roomy: boolean,
): string {
  if (roomy && seconds >= 10 && high > low) return `${formatSpan(low, high)} left`;
  if (seconds < 10) return roomy ? "a few seconds left" : "<10 s left";
  return `${roomy ? "about " : "~"}${rough(seconds)} left`;
}

function rough(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds / 10) * 10} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
