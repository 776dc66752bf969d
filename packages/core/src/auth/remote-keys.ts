import { InkwireError } from "../protocol/index.js";
import { createRemoteKeys, type VerificationKey } from "./jose.js";
import { authUnavailable } from "./refused.js";

/** How the keys of an identity provider are fetched. */
export interface KeySetOptions {
  /** How long one fetch may take, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number | undefined;
  /** How long after a fetch an unknown key id does not set off another one, in milliseconds. @default 10_000 */
  readonly cooldownMs?: number | undefined;
  /** How long keys are used before they are fetched again, in milliseconds. @default 600_000 */
  readonly maxAgeMs?: number | undefined;
  /** How long after a failed fetch everyone is refused without another one, in milliseconds. @default 1_000 */
  readonly retryMs?: number | undefined;
}

export const KEY_SET_DEFAULTS = {
  timeoutMs: 5_000,
  cooldownMs: 10_000,
  maxAgeMs: 600_000,
  retryMs: 1_000,
} as const;

/** A key set has a few keys of under 2 KiB; what is longer is something else. */
const MAX_KEY_SET_BYTES = 1_048_576;

/**
 * The keys behind a JWKS URL. A provider that is down, slow or talks nonsense makes `auth_unavailable`, which clients
 * retry: its fault must not look like a bad token, for which they give up.
 *
 * @throws InkwireError `invalid_option` for a URL that is neither `https:` nor `http:` on this machine.
 */
export function openKeySet(
  url: string | URL,
  options: KeySetOptions,
  now: () => number,
): VerificationKey {
  const address = readUrl(url);
  const { timeoutMs, cooldownMs, maxAgeMs, retryMs } = resolveKeySetOptions(options);
  let failedAt = -Infinity;

  return createRemoteKeys(address, {
    timeoutMs,
    cooldownMs,
    maxAgeMs,
    async fetch(href, init) {
      // Without this pause a storm of clients would ask a provider that is down once per client.
      if (now() - failedAt < retryMs) {
        throw authUnavailable("The key set could not be read just now.", retryMs);
      }
      try {
        return Response.json(await fetchKeySet(href, init));
      } catch (error) {
        failedAt = now();
        const reason = error instanceof Error ? error.message : "unknown";
        throw authUnavailable(`The key set could not be read: ${reason}.`, retryMs);
      }
    },
  });
}

async function fetchKeySet(href: string, init: RequestInit): Promise<{ readonly keys: unknown[] }> {
  const response = await fetch(href, init);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the answer is ${response.status}`);
  }
  const value: unknown = JSON.parse(await readText(response));
  if (typeof value === "object" && value !== null && "keys" in value && Array.isArray(value.keys)) {
    return { keys: value.keys.filter((key) => typeof key === "object" && key !== null) };
  }
  throw new Error("it is no JWKS");
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_KEY_SET_BYTES) throw new Error("it is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readUrl(url: string | URL): URL {
  const address = URL.parse(String(url));
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(address?.hostname ?? "");
  if (address?.protocol === "https:" || (address?.protocol === "http:" && isLocal)) return address;
  throw new InkwireError(
    "invalid_option",
    "Expected jwksUrl to be an https: address (http: only on this machine)",
    { hint: "Whoever can change the keys on their way can sign any token." },
  );
}

function resolveKeySetOptions(options: KeySetOptions) {
  const whole = (name: keyof KeySetOptions): number => {
    const value = options[name] ?? KEY_SET_DEFAULTS[name];
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new InkwireError(
      "invalid_option",
      `Expected keySet.${name} to be a whole number of milliseconds, got ${value}`,
    );
  };
  return {
    timeoutMs: whole("timeoutMs"),
    cooldownMs: whole("cooldownMs"),
    maxAgeMs: whole("maxAgeMs"),
    retryMs: whole("retryMs"),
  };
}
