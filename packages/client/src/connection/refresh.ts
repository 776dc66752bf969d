import type { Wire, WireRequest } from "../transports/types.js";

/**
 * Hands a fresh token to the connection as it is: over the wire where that goes both ways, else by
 * `POST /events/<connection_id>/token`.
 *
 * @returns whether the server took it; over the wire that shows later, by the connection's end.
 */
export async function refreshInPlace(
  wire: Wire,
  { fetch, base }: Pick<WireRequest, "fetch" | "base">,
  connectionId: string,
  token: string,
): Promise<boolean> {
  if (wire.send !== undefined) {
    wire.send("wire.token", { token });
    return true;
  }
  const response = await fetch(new URL(`events/${encodeURIComponent(connectionId)}/token`, base), {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    redirect: "manual",
  });
  return response.ok;
}
