import type { GatewayEvent } from "../transports/types.js";
import { errorFields, type Logger } from "./logger.js";

/** Writes down what happens to connections; nothing that comes from a client is more than a field's value. */
export function logConnections(logger: Logger, event: GatewayEvent): void {
  if (event.kind === "refused") {
    const { transport, code, userId } = event;
    logger.info(
      { transport, code, ...(userId !== undefined && { user_id: userId }) },
      "connection refused",
    );
    return;
  }
  const { id, userId, transport } = event.connection;
  const fields = { connection_id: id, user_id: userId, transport };
  switch (event.kind) {
    case "opened":
      return logger.info(
        { ...fields, resume: event.resume, replayed: event.replayed },
        "connection opened",
      );
    case "closed": {
      const { reason, bytes, messages } = event;
      const duration = Math.round(event.durationMs);
      const level = reason === "slow" || reason === "failed" ? "warn" : "info";
      return logger[level](
        { ...fields, reason, bytes, messages, duration_ms: duration },
        "connection closed",
      );
    }
    case "refreshed":
      return logger.debug(fields, "token refreshed");
    case "failed":
      return logger.error({ ...fields, ...errorFields(event.error) }, "connection failed");
  }
}
