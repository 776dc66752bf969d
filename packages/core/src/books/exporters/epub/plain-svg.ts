/** What an SVG may be made of: shapes, text, paint; nothing that runs, moves, embeds or links. */
const ELEMENTS: ReadonlySet<string> = new Set(
  (
    "svg g defs symbol use title desc metadata path rect circle ellipse line polyline polygon text tspan textPath " +
    "linearGradient radialGradient stop clipPath mask pattern marker filter style switch " +
    "feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR " +
    "feGaussianBlur feMerge feMergeNode feMorphology feOffset feTile feTurbulence"
  ).split(" "),
);

const TOKEN =
  /<!--(?:(?!--)[^])*-->|<\/([A-Za-z][\w.-]*)\s*>|<([A-Za-z][\w.-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y;
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)/i;
const NOT_XML =
  // oxlint-disable-next-line no-control-regex -- what XML forbids
  /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/;
const ATTRIBUTE_NAME = /^(?:xmlns(?::xlink)?|xml:(?:space|lang)|xlink:href|[A-Za-z][A-Za-z0-9-]*)$/;
const XLINK = /^[^]*?<svg\s[^>]*\sxmlns:xlink\s*=\s*["']http:\/\/www\.w3\.org\/1999\/xlink["']/;
const maxBytes = 4_194_304;

/**
 * Whether an SVG is plain enough to stand in an EPUB: well-formed, without scripts, event handlers, animation, embedded
 * documents and document types, and with references only into itself. Strict on purpose: what it does not know, it refuses.
 */
export function plainSvg(bytes: Uint8Array): boolean {
  if (bytes.length > maxBytes) return false;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return false;
  }
  const body = text.replace(/^\s*<\?xml[^?<>]*\?>/, "").trim();
  if (NOT_XML.test(body) || !/^(?:<!--[^]*?-->\s*)*<svg[\s>]/.test(body)) return false;
  if (
    /<\?xml/.test(text) &&
    !/^<\?xml version=["']1\.[01]["']( encoding=["']utf-8["'])?( standalone=["'](yes|no)["'])?\s*\?>/i.test(
      text,
    )
  )
    return false;
  return isBalanced(body);
}

function isBalanced(body: string): boolean {
  const open: string[] = [];
  const ids = new Set<string>();
  let roots = 0;
  const references = new Set<string>();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < body.length;) {
    const match = TOKEN.exec(body);
    if (match === null) return false;
    const [token, closed, opened, attributes = "", selfClosing] = match;
    if (closed !== undefined) {
      if (open.pop() !== closed) return false;
    } else if (opened !== undefined) {
      if (open.length === 0 && (opened !== "svg" || (roots += 1) > 1)) return false;
      const found = readAttributes(opened, attributes, open.length === 0);
      if (found === undefined || (found.id !== undefined && ids.has(found.id))) return false;
      if (found.id !== undefined) ids.add(found.id);
      for (const id of found.references) references.add(id);
      if (selfClosing === "") open.push(opened);
    } else if (!token.startsWith("<!--") && !isPlainText(token, open.at(-1))) {
      return false;
    }
  }
  const knowsPrefix = !/\sxlink:/.test(body) || XLINK.test(body);
  return (
    knowsPrefix && open.length === 0 && roots === 1 && [...references].every((id) => ids.has(id))
  );
}

function isPlainText(text: string, parent: string | undefined): boolean {
  if (text.trim() === "") return true;
  if (parent === undefined || BARE_AMPERSAND.test(text) || text.includes("]]>")) return false;
  return parent !== "style" || !/url|@import|expression/i.test(text);
}

function readAttributes(element: string, source: string, isRoot: boolean) {
  if (!ELEMENTS.has(element)) return undefined;
  const names = new Set<string>();
  const references: string[] = [];
  let id: string | undefined;
  for (const [, name = "", double, single] of source.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? "";
    if (!ATTRIBUTE_NAME.test(name) || names.has(name) || /^on/i.test(name)) return undefined;
    if (BARE_AMPERSAND.test(value) || (name.startsWith("xmlns") && !isRoot)) return undefined;
    names.add(name);
    if (name === "id") {
      if (!/^[A-Za-z_][\w.-]*$/.test(value)) return undefined;
      id = value;
    }
    const targets = referencesIn(name, value);
    if (targets === undefined) return undefined;
    references.push(...targets);
  }
  if (isRoot && !/\sxmlns\s*=\s*["']http:\/\/www\.w3\.org\/2000\/svg["']/.test(source))
    return undefined;
  return { id, references };
}

/** The ids that an attribute points at; `undefined` where it points out of the picture. */
function referencesIn(name: string, value: string): string[] | undefined {
  if (name === "href" || name === "xlink:href")
    return value.startsWith("#") ? [value.slice(1)] : undefined;
  const urls = [...value.matchAll(/url\(([^)]*)\)/gi)].map(([, target = ""]) => target.trim());
  if (/@import|javascript:|&#/i.test(value)) return undefined;
  return urls.every((url) => url.startsWith("#")) ? urls.map((url) => url.slice(1)) : undefined;
}
