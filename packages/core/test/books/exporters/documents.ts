import type { BookDocument, BookImage } from "../../../src/books/types.js";

/** A red pixel. */
export const png: BookImage = {
  name: "image-1.png",
  mediaType: "image/png",
  bytes: bytesOf(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  ),
};

export const gif: BookImage = {
  name: "image-2.gif",
  mediaType: "image/gif",
  bytes: bytesOf("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
};

export const svg: BookImage = svgOf(
  "image-3.svg",
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40" width="80" height="40"><title>Wave &amp; stone</title><path d="M0 20 Q20 0 40 20 T80 20" fill="none" stroke="#246"/></svg>',
);

export function svgOf(name: string, source: string): BookImage {
  return { name, mediaType: "image/svg+xml", bytes: new TextEncoder().encode(source) };
}

const plain: BookDocument = {
  identifier: "urn:uuid:6f1f0c3e-6a63-4a4a-9f8b-2a4d1a1b7c01",
  title: "The Tides of Brittany",
  byline: "Anne Le Goff",
  language: "en",
  premise: "Why the sea leaves twice a day, and who waits for it.",
  notice: undefined,
  modified: "2026-11-22T21:10:04.123Z",
  chapters: [
    {
      number: 1,
      title: "Low Water",
      text: 'The sea had gone. "It always does," said Yann.\n\nSee [the harbour](chapter:2#the-harbour), [chapter two](chapter:2), [the web](https://example.org/a?b=c&d=[e]) and <https://example.org>.\n\n## Sand\n\n- one\n- two\n\n3. three\n4. four\n\n> It comes back.\n\n---\n\n![Wave](image-3.svg)\n\n![Pixel](image-1.png "A pixel") inline ![dot](image-2.gif)',
    },
    {
      number: 2,
      title: "High Water",
      text: '# The harbour\n\n| Port | Range in m | Note |\n| :-- | --: | :-: |\n| Saint-Malo | 12.2 | `a \\| b` |\n| Brest | 7.5 | **high** |\n\n### Code\n\n```js\nif (a < b && c > d) { x = "]]>"; }\n```\n\n    indented <code>\n\n~~gone~~ *em* **strong** `code`\n\nBack to [sand](chapter:1#sand), [here](#the-harbour), [nowhere](#missing), [lost](chapter:9), [gone](chapter:1#gone).',
    },
  ],
  images: [png, gif, svg],
  unfinished: undefined,
};

/** What people and models send when they mean harm, or nothing. */
export const nastyText = [
  "<script>alert(1)</script> <img src=x onerror=alert(1)> <b>bold</b> <!-- comment --> ]]> &amp; &nbsp; &#0; &#12; &#x202E; &unknown;",
  "[js](javascript:alert(1)) [data](data:text/html,<script>) [file](file:///etc/passwd) [vb](vbscript:x) [rel](../../etc/passwd)",
  "![remote](https://evil.test/t.gif) ![file](file:///etc/passwd) ![data](data:image/svg+xml;base64,PHN2Zz4=) ![unknown](image-9.png)",
  "![ref][r] ![r]\n\n[r]: https://evil.test/ref.gif",
  '<https://evil.test/"onmouseover=alert(1)> <javascript:alert(1)> https://exa mple.org http://[::1]:80/x http://a/%zz|^{}',
  "control \u0000\u0001\u0008\u000B\u000C\u001B[31m\u007F\u0085 lone \uD800 \uDC00 nonchar \uFFFE\uFFFF bidi \u202Eabc\u202C",
  "$(rm -rf /) `id` #set page(width: 1pt) \\u{202E} %s ${x} {{x}}",
  "# A ² ½ ① ª heading {#x}\n\n# A ² ½ ① ª heading\n\n#\n\n###### six\n\nمرحبا بالعالم 👩‍👩‍👧‍👦 日本語",
  '| a | b |\n|---|:-:|\n| <td> | " |\n\n```"><script>\n</code></pre>\n```\n\n> > > deep\n\n* * *\n\n0. zero\n\n999999999. many',
  "```unclosed\nfence <",
].join("\n\n");

const long = "Endless ".repeat(1_250);

export const documents = {
  plain,
  planned: {
    ...plain,
    notice: "Planned by inkwire offline, no language model was used.",
    byline: undefined,
  },
  hostile: {
    ...plain,
    identifier: "urn:x:<&\"'> \u0000",
    title: "A \u0000\u0007\u202E<title> & \"quotes\" 'n' ]]> \uD800 $(rm) #set ../..",
    byline: "<b>& \uDFFF",
    premise: "]]> <!-- \u0001\n\n&lt;",
    notice: "<notice> & \u0008",
    chapters: [
      { number: 1, title: "<script>alert(1)</script>", text: nastyText },
      { number: 2, title: " \u0000 ", text: "" },
      { number: 3, title: "]]>", text: "![a](image-1.png) ![b](image-1.png)" },
    ],
  },
  rightToLeft: {
    ...plain,
    title: "مدّ وجزر بريتاني",
    language: "ar",
    byline: "آن",
    chapters: [
      {
        number: 1,
        title: "الجزر",
        text: "# عنوان\n\nكان البحر قد ذهب. `code` [رابط](#عنوان)\n\n- واحد",
      },
    ],
  },
  longTitle: {
    ...plain,
    title: long,
    chapters: [{ number: 1, title: long, text: `# ${long}\n\n${long}` }],
  },
  oneWord: { ...plain, title: "W".repeat(10_000) },
  chinese: { ...plain, title: "布列塔尼的潮汐与海岸线的漫长历史以及守望它的人们", language: "zh" },
  unfinished: { ...plain, unfinished: { done: 2, of: 12 } },
  hebrew: {
    ...plain,
    title: "הגאות והשפל של ברטאן",
    language: "he",
    byline: "אן",
    chapters: [{ number: 1, title: "שפל", text: "הים נסוג. `code` *כך* היה.\n\n1. אחת" }],
  },
  vietnamese: { ...plain, title: "Thủy triều ở vùng Bretagne", language: "vi" },
  greek: { ...plain, title: "Οι παλίρροιες της Βρετάνης", language: "el" },
  undescribed: {
    ...plain,
    chapters: [{ number: 1, title: "Silent", text: "![](image-1.png)" }],
  },
  damagedPicture: {
    ...plain,
    chapters: [
      { number: 1, title: "Damaged", text: "![a](image-1.png) ![what it showed](broken.png)" },
    ],
    images: [png, { name: "broken.png", mediaType: "image/png", bytes: bytesOf("iVBORw0KGgo=") }],
  },
  many: {
    ...plain,
    chapters: Array.from({ length: 200 }, (_, index) => ({
      number: index + 1,
      title: `The tide of day ${index + 1}`,
      text: `It came.\n\n## Night ${index + 1}\n\nIt went, as on [the first day](chapter:1).`,
    })),
  },
  nothing: {
    ...plain,
    title: "\u0000",
    byline: "",
    premise: "",
    language: "not a tag!",
    images: [],
    chapters: [],
  },
  pictures: {
    ...plain,
    chapters: [
      {
        number: 1,
        title: "Pictures",
        text: "![a](bad-1.svg) ![b](bad-2.svg) ![c](bad-3.svg) ![w](image-5.webp) ![u](../x.png)\n\n![p](image-1.png)",
      },
    ],
    images: [
      png,
      svgOf("bad-1.svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
      svgOf("bad-2.svg", '<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>'),
      svgOf(
        "bad-3.svg",
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://evil.test/x.png"/></svg>',
      ),
      {
        name: "image-5.webp",
        mediaType: "image/webp",
        bytes: bytesOf("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"),
      },
      { ...png, name: "../x.png" },
    ],
  },
} satisfies Record<string, BookDocument>;

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

type Name = keyof typeof documents;
const everyName = Object.keys(documents) as Name[];

export const isSoak = process.env["INKWIRE_SOAK_SEED"] !== undefined;

/** Fixtures of every kind for what looks at one after the other: `pnpm test:soak` takes them all. */
export const names: readonly Name[] = isSoak
  ? everyName
  : ["plain", "planned", "hostile", "rightToLeft", "oneWord", "chinese", "nothing", "pictures"];
