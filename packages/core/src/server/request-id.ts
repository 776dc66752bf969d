/** What another system may call a request: short, and of characters that mean nothing in a log or a header. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** The `X-Request-Id` that came in, if it is fit to be repeated, else a new one. */
export function readRequestId(headers: Pick<Headers, "get">, uuid: () => string): string {
  const given = headers.get("x-request-id");
  return given !== null && REQUEST_ID.test(given) ? given : uuid();
}
