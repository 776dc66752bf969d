import { InkwireError } from "../../../../protocol/index.js";

/** @throws InkwireError `invalid_option`, which never repeats the URL: people put passwords into it. */
export function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const is = url !== undefined && (url.protocol === "https:" || url.protocol === "http:");
  if (!is || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new InkwireError(
      "invalid_option",
      "Expected the base URL to be http:// or https:// without user, password, query and fragment, such as https://api.openai.com/v1.",
    );
  }
  return url;
}
