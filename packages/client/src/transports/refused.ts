import { InkwireError, isRefusalCode, refusals, type RefusalCode } from "@inkwire/core/protocol";

/** What the refusal table says about a status or a close code; `named` is the code that the server itself gave. */
export function refused(
  by: "status" | "close",
  number: number,
  named: unknown,
  retryAfterMs?: number,
): InkwireError | undefined {
  const code =
    typeof named === "string" && isRefusalCode(named)
      ? named
      : (Object.keys(refusals) as RefusalCode[]).find(
          (key) => (refusals[key] as Partial<Record<"status" | "close", number>>)[by] === number,
        );
  return (
    code &&
    new InkwireError(code, `Refused: ${code} (${number})`, {
      retryable: refusals[code].retryable,
      retryAfterMs,
    })
  );
}
