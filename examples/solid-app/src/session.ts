// Who is signed in. The session is a cookie that scripts cannot read; what the API takes is a short token, kept in memory
// alone and fetched anew when the client of inkwire says that it needs one.
import type { TokenRequest } from "@inkwire/client";
import { createContext, createSignal, useContext } from "solid-js";

type Session = ReturnType<typeof createSession>;

export const SessionContext = createContext<Session>();

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("useSession needs a SessionContext above it");
  return session;
}

export function createSession() {
  /** `undefined` while nobody knows, `null` while nobody is signed in. */
  const [user, setUser] = createSignal<string | null>();
  let kept: string | undefined;

  /** What `<InkwireProvider token>` calls: before each connection, and with `refresh` when a token was refused or ends. */
  async function token({ refresh, signal }: TokenRequest): Promise<string> {
    if (kept !== undefined && !refresh) return kept;
    const answer = await fetch("/auth/token", { method: "POST", signal });
    if (answer.status === 401) {
      kept = undefined;
      setUser(null);
      throw new Error("Nobody is signed in");
    }
    if (!answer.ok) throw new Error(`The login answered ${answer.status}`);
    const body = (await answer.json()) as { name: string; token: string };
    kept = body.token;
    setUser(body.name);
    return body.token;
  }

  const find = (): void => {
    token({ refresh: true, signal: AbortSignal.timeout(10_000) }).catch(() => {
      // The server is not there: whoever may be signed in is asked for again.
      if (user() === undefined) setTimeout(find, 2_000);
    });
  };
  find();

  return {
    user,
    token,
    /** Gives back what is wrong with the name, if something is. */
    async signIn(name: string): Promise<string | undefined> {
      try {
        const answer = await fetch("/auth/login", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name }),
        });
        if (answer.ok) {
          await token({ refresh: true, signal: AbortSignal.timeout(10_000) });
          return undefined;
        }
        const { detail } = (await answer.json()) as { detail?: string };
        return detail?.replace(/^name: /, "A name is ") ?? "That did not work. Try again.";
      } catch {
        return "The server cannot be reached. Try again in a moment.";
      }
    },
    async signOut(): Promise<void> {
      kept = undefined;
      setUser(null);
      await fetch("/auth/logout", { method: "POST" }).catch(() => undefined);
    },
  };
}
