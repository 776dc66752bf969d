import { createTokenIssuer } from "../../../src/auth/issuer.js";
import { createMemoryHome } from "../../../src/storage/home.js";
import { createInkwire } from "../../../src/server/create-inkwire.js";
import type { Inkwire } from "../../../src/server/inkwire.js";
import type { InkwireOptions } from "../../../src/server/options.js";
import type { Books } from "../../../src/books/service-types.js";
import type { Author } from "../../../src/books/authors/author.js";
import { createScriptedAuthor } from "../../books/support/scripted-author.js";

export const SECRET = "a secret of the tests, which is long enough";

export interface ServerRoom extends AsyncDisposable {
  readonly inkwire: Inkwire & { readonly books: Books };
  /** What was logged, as it would be written. */
  readonly log: string[];
  readonly token: (userId: string, ...scopes: string[]) => Promise<string>;
  /** Asks `app.fetch`; `as` is a user's id, `admin:<id>` one with the scope, `undefined` nobody. */
  readonly ask: (call: string, options?: AskOptions) => Promise<Asked>;
}

export interface AskOptions {
  readonly as?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what a client gets is what it finds
  readonly json: any;
}

export interface ServerRoomOptions extends Partial<InkwireOptions> {
  readonly author?: (() => Author) | undefined;
}

/** A server with books by a scripted author, and people to call it. */
export async function openServerRoom(options: ServerRoomOptions = {}): Promise<ServerRoom> {
  const { author = () => createScriptedAuthor(), ...more } = options;
  const log: string[] = [];
  const write =
    (level: string) =>
    (fields: object, message: string): void =>
      void log.push(JSON.stringify({ level, ...fields, message }));
  const inkwire = await createInkwire({
    auth: { secret: SECRET },
    home: createMemoryHome(),
    books: { authors: { resolve: async () => author() }, retry: { baseMs: 1, capMs: 5 } },
    rateLimits: null,
    logger: {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
    },
    ...more,
  } as InkwireOptions & { books: NonNullable<InkwireOptions["books"]> });
  const issuer = createTokenIssuer({ secret: SECRET });
  const tokens = new Map<string, string>();
  const token = async (userId: string, ...scopes: string[]): Promise<string> => {
    const name = `${userId} ${scopes.join(" ")}`;
    const known = tokens.get(name) ?? (await issuer.issue({ userId, scopes }));
    tokens.set(name, known);
    return known;
  };
  return {
    inkwire,
    log,
    token,
    async ask(call, { as, body, headers = {} } = {}) {
      const [method = "", path = ""] = call.split(" ");
      const [who = "", scope] = (as ?? "").split(":").toReversed();
      const response = await inkwire.fetch(
        new Request(new URL(path, "http://localhost"), {
          method,
          headers: {
            ...(as !== undefined && {
              authorization: `Bearer ${await token(who, ...(scope === undefined ? [] : [scope]))}`,
            }),
            ...(body !== undefined && { "content-type": "application/json" }),
            ...headers,
          },
          ...(body !== undefined && {
            body: typeof body === "string" ? body : JSON.stringify(body),
          }),
        }),
      );
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") === true;
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson && text !== "" ? (JSON.parse(text) as unknown) : undefined,
      };
    },
    [Symbol.asyncDispose]: () => inkwire.close(),
  };
}
