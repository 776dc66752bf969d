/** The name of a new incarnation: time and chance, in base 36. Short, and never the same for two processes. */
export function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return `${Math.floor(Date.now() / 1000).toString(36)}${random.toString(36).padStart(7, "0")}`;
}
