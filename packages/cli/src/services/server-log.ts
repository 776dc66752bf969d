import type { Logger } from "@inkwire/core/server";
import { pino } from "pino";
import type { Runtime } from "../runtime.js";

export interface ServerLog {
  readonly logger: Logger;
  /** Hands on what is not written yet. */
  flush(): void;
}

/**
 * The log of a server on stderr: one JSON object a line, in the format of pino. On a terminal, where a person reads, only
 * warnings and errors unless a level is asked for.
 */
export function createServerLog(
  { stderr }: Pick<Runtime, "stderr">,
  level: string | undefined,
): ServerLog {
  const logger = pino(
    {
      level: level ?? (stderr.isTty ? "warn" : "info"),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => stderr.write(line) },
  );
  return { logger, flush: () => logger.flush() };
}
