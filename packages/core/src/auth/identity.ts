import { InkwireError, type Topic } from "../protocol/index.js";

/** Who a token says somebody is. Immutable, and shared by all connections that bring the same token. */
export interface Identity {
  /** 1 to 128 characters that can stand in a topic: it is the `<id>` of `user/<id>`. */
  readonly userId: string;
  /** What the token allows beside reading one's own, such as `admin`. */
  readonly scopes: ReadonlySet<string>;
  /** Topics that the token grants beside the user's own and `all`. */
  readonly topics: readonly Topic[];
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** The token's own id (`jti`), if it has one: what `revoke` takes. */
  readonly tokenId?: string | undefined;
}

/** @throws InkwireError `scope_missing` unless the token has `scope`. */
export function requireScope(identity: Identity, scope: string): void {
  if (identity.scopes.has(scope)) return;
  throw new InkwireError("scope_missing", "The token does not allow this.", {
    hint: `It needs the scope ${JSON.stringify(scope)}.`,
  });
}
