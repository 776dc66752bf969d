import { isIP } from "node:net";

export interface AddressOptions {
  /** How many proxies of ours stand in front; each adds one address to `X-Forwarded-For`. */
  readonly trustProxy: number;
}

/**
 * The address that a request comes from. What a client writes into `X-Forwarded-For` itself stands left of what our own
 * proxies add, so it is counted from the right, and never further than there are proxies.
 */
export function clientAddress(
  peer: string | undefined,
  headers: Pick<Headers, "get">,
  { trustProxy }: AddressOptions,
): string {
  const own = peer ?? "unknown";
  if (trustProxy === 0) return own;
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  const hop = hops.at(-trustProxy) ?? "";
  return isIP(hop) === 0 ? own : hop;
}

/**
 * What the limits count an address as: a household has a whole IPv6 network of 64 bits, so that one counts as one; an IPv4
 * address in IPv6 dress is the IPv4 address.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) !== 6) return address;
  const [bare = ""] = address.split("%");
  const [head = "", tail] = bare.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
