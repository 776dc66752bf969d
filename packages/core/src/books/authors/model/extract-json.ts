/** How many opening braces are tried: a bound for text that is nothing but braces. */
const maxStarts = 20;

/**
 * The JSON object in a model's answer, whatever is around it: thinking, a code fence, a remark before or after.
 * `undefined` when there is none that parses. Nothing inside the object is mended: an object that was cut is none.
 */
export function extractJsonObject(answer: string): unknown {
  const text = withoutThinking(answer).trim();
  const whole = parse(text);
  if (whole !== undefined) return whole;
  for (let start = text.indexOf("{"), tries = 0; start !== -1 && tries < maxStarts; tries++) {
    const end = endOfObject(text, start);
    const value = end === undefined ? undefined : parse(text.slice(start, end));
    if (value !== undefined) return value;
    start = text.indexOf("{", start + 1);
  }
  return undefined;
}

/** After the last end mark of thinking; a block without one has no answer after it, and stays for the search to fail in. */
function withoutThinking(text: string): string {
  const marks = [...text.matchAll(/<\/(?:think(?:ing)?|thought|reasoning)>/gi)];
  const last = marks.at(-1);
  return last === undefined ? text : text.slice(last.index + last[0].length);
}

function parse(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The index after the brace that closes the one at `start`; braces inside strings do not count. */
export function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const char = text[index];
    if (inString) {
      if (char === "\\") index++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return index + 1;
  }
  return undefined;
}
