// The login that this application had before: sessions in memory, and a cookie that names one.
import { randomUUID } from "node:crypto";
import { InkwireError } from "@inkwire/core/protocol";

const SESSION_MS = 3_600_000;
const USERS = { ada: "lovelace", ben: "franklin" };

export function createSessions() {
  const byId = new Map();
  const byLiveToken = new Map();

  return {
    /** A session for who knows the password, else `undefined`. */
    open(name, password) {
      if (!Object.hasOwn(USERS, name) || USERS[name] !== password) return undefined;
      const session = {
        id: randomUUID(),
        // What the page's script gets, which is not what the cookie holds: it opens streams, and nothing else of the app.
        liveToken: randomUUID(),
        userId: name,
        endsAt: Date.now() + SESSION_MS,
      };
      byId.set(session.id, session);
      byLiveToken.set(session.liveToken, session);
      return session;
    },

    ofCookie(header = "") {
      const session = byId.get(/(?:^|; )sid=([\w-]+)/.exec(header)?.[1]);
      return session !== undefined && session.endsAt > Date.now() ? session : undefined;
    },

    close(session) {
      byId.delete(session.id);
      byLiveToken.delete(session.liveToken);
    },

    /** What inkwire asks for each connection and each call. */
    async verify(token) {
      if (token === undefined) throw new InkwireError("token_missing", "Sign in first.");
      const session = byLiveToken.get(token);
      if (session === undefined) throw new InkwireError("token_invalid", "The session is over.");
      if (session.endsAt <= Date.now())
        throw new InkwireError("token_expired", "The session is over.");
      const { userId, liveToken, endsAt } = session;
      return { userId, scopes: new Set(), topics: [], expiresAt: endsAt, tokenId: liveToken };
    },
  };
}
