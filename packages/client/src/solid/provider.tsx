import { createClient, type Client, type ClientOptions, type ToastsOptions } from "@inkwire/client";
import { createEffect, createMemo, onCleanup, splitProps, untrack, type JSX } from "solid-js";
import { isServer } from "solid-js/web";
import { InkwireContext } from "./context.js";
import type { Labels } from "./labels.js";

interface Common {
  /** How messages become toasts; see `createToasts`. */
  readonly toasts?: ToastsOptions | undefined;
  /** What the components say, where it is not what they say by themselves. */
  readonly labels?: Partial<Labels> | undefined;
  readonly children?: JSX.Element;
}

/** Another `url` is another client; further options are read when one is made. */
export interface InkwireProviderProps extends Omit<ClientOptions, "token">, Common {
  /**
   * The JWT, or where to get one, while somebody is signed in; `undefined` while nobody is. The connection follows it. A
   * new JWT of the same user is used from the next time on that one is needed, and interrupts nothing.
   */
  readonly token: ClientOptions["token"] | undefined;
  /** Who is signed in: with another one, everything begins anew. @default the `sub` of the token, if that is a JWT */
  readonly user?: string | number | undefined;
}

/**
 * Connects while somebody is signed in, and gives what is below it the messages of that user.
 *
 * ```tsx
 * <InkwireProvider url="/" token={session()?.token} user={session()?.userId}>
 * ```
 */
export function InkwireProvider(all: InkwireProviderProps): JSX.Element {
  const [common, props, rest] = splitProps(
    all,
    ["toasts", "labels", "children"],
    ["token", "user"],
  );
  const user = createMemo(() => {
    const { token, user } = props;
    if (token === undefined || token === "") return undefined;
    return `${user ?? (typeof token === "string" ? subjectOf(token) : "")}`;
  });
  const client = createMemo(() => {
    if (user() === undefined || isServer) return undefined;
    const { url } = rest;
    const made = createClient({
      ...untrack(() => ({ ...rest })),
      url,
      token(request) {
        const token = untrack(() => props.token);
        return typeof token === "function" ? token(request) : (token ?? "");
      },
    });
    onCleanup(() => made.close());
    made.connect();
    return made;
  });
  createEffect(
    (before) => {
      const { token } = props;
      // A new one after the old one was refused: now it may work.
      if (token !== before && untrack(client)?.state.get().status === "unauthorized") {
        untrack(client)?.connect();
      }
      return token;
    },
    untrack(() => props.token),
  );
  return provide(client, () => user() !== undefined, common);
}

export interface ClientProviderProps extends Common {
  /** `undefined` while nobody is signed in. */
  readonly client: Client | undefined;
}

/** The same with a client of yours, such as one with SSE alone or a mock: to connect and to close it is up to you. */
export function ClientProvider(props: ClientProviderProps): JSX.Element {
  const client = (): Client | undefined => (isServer ? undefined : props.client);
  return provide(client, () => props.client !== undefined, props);
}

function provide(
  client: () => Client | undefined,
  isSignedIn: () => boolean,
  props: Common,
): JSX.Element {
  const value = {
    client,
    isSignedIn,
    shared: new WeakMap(),
    get toasts() {
      return props.toasts;
    },
    get labels() {
      return props.labels;
    },
  };
  return <InkwireContext.Provider value={value}>{props.children}</InkwireContext.Provider>;
}

function subjectOf(token: string): string {
  try {
    const [, claims = ""] = token.split(".");
    return String(JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).sub);
  } catch {
    // No JWT: that of whoever it is.
    return "";
  }
}
