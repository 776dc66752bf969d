import type { Books } from "../books/service-types.js";
import type { Catalog } from "../protocol/index.js";
import type { Inkwire } from "./inkwire.js";
import { logProblem } from "./logger.js";
import {
  resolveOptions,
  type InkwireOptions,
  type NoMessages,
  type ServerBooksOptions,
} from "./options.js";
import { openParts } from "./parts.js";
import { openShared } from "./shared.js";
import { serveParts } from "./serve-parts.js";

/**
 * Opens an inkwire server: a bus, an inbox, connections over SSE and WebSocket, the HTTP API, and books if you like. What a
 * process before left unfinished goes on.
 *
 * ```ts
 * const inkwire = await createInkwire({ auth: { secret }, home: "./data", books: { authors: createAuthors({ env }) } });
 * const { url } = await inkwire.listen({ port: 4555 });
 * ```
 *
 * @throws InkwireError `invalid_option`, and what opening a home throws.
 */
export async function createInkwire<const C extends Catalog = NoMessages>(
  options: InkwireOptions<C> & { readonly books: ServerBooksOptions },
): Promise<Inkwire<C> & { readonly books: Books }>;
export async function createInkwire<const C extends Catalog = NoMessages>(
  options: InkwireOptions<C>,
): Promise<Inkwire<C>>;
export async function createInkwire<const C extends Catalog = NoMessages>(
  options: InkwireOptions<C>,
): Promise<Inkwire<C>> {
  const resolved = resolveOptions(options);
  const { now, uuid, logger } = resolved;
  const shared = await openShared(options, resolved);
  try {
    const parts = await openParts(options, {
      now,
      uuid,
      onProblem: (problem) => logProblem(logger, problem),
      shared,
    });
    try {
      return await serveParts(options, resolved, parts);
    } catch (error) {
      await parts.close();
      throw error;
    }
  } catch (error) {
    await shared?.close();
    throw error;
  }
}
