/** A rule of thumb for European languages; what is counted so is marked as estimated. */
const CHARS_PER_TOKEN = 4;

/** How many tokens a text of so many UTF-16 units has, about. */
export function estimateTokens(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
