/**
 * Where the server's log goes, in the shape of pino: an object of fields, then a fixed sentence. What comes from outside is
 * only ever a field's value, and no field holds a token.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** What a line says beside its text. */
export type LogFields = Readonly<Record<string, unknown>>;

const nothing = (): void => {};

/** A library says nothing unless it is asked to. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

/** A logger that fails takes no request down with it. */
export function guardLogger(logger: Logger): Logger {
  const guard =
    (level: keyof Logger) =>
    (fields: LogFields, message: string): void => {
      try {
        logger[level](fields, message);
      } catch {
        // There is nobody left to tell.
      }
    };
  return {
    debug: guard("debug"),
    info: guard("info"),
    warn: guard("warn"),
    error: guard("error"),
  };
}

/** What is logged of anything thrown: never more than a message of ours, or the stack of what is not ours. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const { name, message, stack } = error;
  const { code, hint, cause } = error as { code?: unknown; hint?: unknown; cause?: unknown };
  return {
    error: {
      name,
      message,
      code,
      hint,
      stack,
      cause: cause instanceof Error ? cause.message : undefined,
    },
  };
}

/** What went wrong beside the work, which went on. */
export function logProblem(logger: Logger, problem: unknown): void {
  logger.warn(errorFields(problem), "something went wrong beside the work");
}
