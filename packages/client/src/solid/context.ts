import type { Client, ToastsOptions } from "@inkwire/client";
import { createContext, useContext, type Accessor } from "solid-js";
import type { Labels } from "./labels.js";
import type { Shared } from "./shared.js";

export interface InkwireContextValue {
  /** `undefined` while nobody is signed in, and on a server. */
  readonly client: Accessor<Client | undefined>;
  /** Also on a server, which has no client: what will be read is shown as loading there. */
  readonly isSignedIn: Accessor<boolean>;
  readonly shared: Shared;
  readonly toasts: ToastsOptions | undefined;
  readonly labels: Partial<Labels> | undefined;
}

export const InkwireContext = createContext<InkwireContextValue>();

export function useInkwire(): InkwireContextValue {
  const value = useContext(InkwireContext);
  if (value === undefined) {
    throw new Error("Expected an <InkwireProvider> around this, found none");
  }
  return value;
}

/** The client, for what no primitive does; `undefined` while nobody is signed in, and on a server. */
export function useClient(): Accessor<Client | undefined> {
  return useInkwire().client;
}
