/** Ids of tokens; one who is being let in takes far less time than so many revocations. */
const MAX_IDS = 10_000;

/**
 * The tokens that were revoked last. Refusing a revoked token is the verifier's, and the registry ends who has come in; this is
 * for those in between, whose token was still good when it was verified and who were not in the registry yet.
 */
export class RevokedLately {
  readonly #ids = new Set<string>();

  add(tokenId: string): void {
    this.#ids.delete(tokenId);
    this.#ids.add(tokenId);
    if (this.#ids.size <= MAX_IDS) return;
    const [oldest] = this.#ids;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  has(tokenId: string | undefined): boolean {
    return tokenId !== undefined && this.#ids.has(tokenId);
  }
}
