import { InkwireError, type Cursor, type Topic, type WireError } from "@inkwire/core/protocol";
import type { Frame } from "../connection/types.js";
import type { ConnectionState } from "../types.js";

/**
 * The version of what tabs say to each other. It is in the name of channel and lock, so that an older script in another
 * tab has its own connection, and neither breaks the other.
 */
const VERSION = "inkwire/1";

/** One group for each server and user: whoever is somebody else has another name, to the character. */
export const groupName = (base: URL, userId: string): string => `${VERSION} ${base.href} ${userId}`;

/** What tabs say to each other; never a token. */
export type TabSaying =
  | {
      /** "This is what I want and have." With `isNew` it waits for a hello; with `wake` somebody looks at it. */
      readonly kind: "here";
      readonly topics: readonly Topic[];
      readonly cursor: Cursor | undefined;
      readonly isNew: boolean;
      readonly wake: boolean;
    }
  | { readonly kind: "gone" }
  /** "I lead now." */
  | { readonly kind: "lead" }
  /** "The server refused what we want together: I go on with these topics, whoever wants others asks for itself." */
  | { readonly kind: "refused"; readonly topics: readonly Topic[] }
  /** "I still lead", and how the connection is. */
  | { readonly kind: "state"; readonly state: SentState | undefined }
  /** `after` is where the connection resumed, with each hello; `to` where it is for one tab alone. */
  | {
      readonly kind: "frame";
      readonly frame: Frame;
      readonly after: Cursor | undefined;
      readonly to?: string;
    };

/** `from` is the tab that speaks. */
export type TabMessage = TabSaying & { readonly from: string };

/** Whatever other scripts of the page may say on a channel of this name. */
export function isTabMessage(value: unknown): value is TabMessage {
  const message = value as Partial<Record<string, unknown>> | null;
  if (typeof message?.["from"] !== "string") return false;
  const { kind, topics } = message;
  return Array.isArray(topics) || (kind !== "here" && kind !== "refused");
}

/** An error loses its code when it is cloned. */
export type SentState = Omit<ConnectionState, "error"> & { readonly error: WireError | undefined };

export function packState({ error, ...state }: ConnectionState): SentState {
  const packed = error && { code: error.code, message: error.message, retryable: error.retryable };
  return { ...state, error: packed };
}

export function unpackState({ error, ...state }: SentState): ConnectionState {
  return { ...state, error: error && new InkwireError(error.code, error.message, error) };
}
