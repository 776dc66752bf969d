import { InkwireError } from "@inkwire/core/protocol";
import * as v from "valibot";

/** What a server answered, once it has the shape that it should have. @throws InkwireError `invalid_message` */
export function checkJson<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const place = v.getDotPath(result.issues[0]) ?? "the answer";
  throw new InkwireError(
    "invalid_message",
    `The server's answer is not as expected (${place}): is this an inkwire server?`,
  );
}
