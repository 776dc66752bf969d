import { hash } from "node:crypto";
import type { Identity } from "./identity.js";

/** Tokens that were verified, so that a client that reconnects does not pay for the signature again. */
export interface TokenCache {
  get(token: string, nowMs: number): Identity | undefined;
  set(token: string, identity: Identity, untilMs: number): void;
  readonly size: number;
}

interface Entry {
  readonly identity: Identity;
  readonly untilMs: number;
}

/**
 * Keeps the `maxEntries` tokens that were used last, each until its own end. Only their SHA-256 is kept, so that a dump of
 * the memory holds no list of tokens.
 */
export function createTokenCache(maxEntries: number): TokenCache {
  // A map keeps the order of insertion: the first is the one that was used longest ago.
  const entries = new Map<string, Entry>();
  return {
    get(token, nowMs) {
      const key = hash("sha256", token, "base64");
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (nowMs >= entry.untilMs) return undefined;
      entries.set(key, entry);
      return entry.identity;
    },
    set(token, identity, untilMs) {
      const key = hash("sha256", token, "base64");
      entries.delete(key);
      entries.set(key, { identity, untilMs });
      if (entries.size <= maxEntries) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    get size() {
      return entries.size;
    },
  };
}
