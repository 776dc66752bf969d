/** Where a link of a chapter may lead: out into the web, or to a place in the book. */
export type LinkTarget =
  | { readonly kind: "web"; readonly href: string }
  | {
      readonly kind: "book";
      /** Absent for the chapter that holds the link. */
      readonly chapter?: number | undefined;
      readonly anchor?: string | undefined;
    };

const IN_BOOK = /^(?:chapter:(\d{1,9}))?(?:#(.*))?$/su;

/**
 * Reads what stands in a link: `https:`, `http:` and `mailto:` addresses, `chapter:<number>`, `chapter:<number>#<anchor>` and
 * `#<anchor>`. Everything else (`javascript:`, `file:`, `data:`, a path on somebody's disk) leads nowhere: `undefined`.
 */
export function readLinkTarget(href: string): LinkTarget | undefined {
  const place = IN_BOOK.exec(href);
  if (place !== null && href !== "") {
    const [, chapter, anchor] = place;
    return {
      kind: "book",
      chapter: chapter === undefined ? undefined : Number(chapter),
      anchor: anchor === undefined || anchor === "" ? undefined : decode(anchor),
    };
  }
  const url = URL.parse(href);
  if (url === null || !/^(?:https?|mailto):$/.test(url.protocol)) return undefined;
  return { kind: "web", href: encodeRest(url) };
}

/** Browsers leave some characters as they are that RFC 3986 has no room for, and EPUB readers refuse. */
function encodeRest({ href, host }: URL): string {
  const encode = (part: string) => part.replace(/[[\]\\^`{|}<>"\s]/g, encodeURIComponent);
  // The brackets around an IPv6 address are in their place.
  const hostEnd = host === "" ? 0 : href.indexOf(host) + host.length;
  return href.slice(0, hostEnd) + encode(href.slice(hostEnd)).replace(/%(?![0-9a-f]{2})/gi, "%25");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody wrote a bare percent sign: the anchor is what it says.
    return text;
  }
}
