import { strFromU8, strToU8, unzipSync, zipSync, type Zippable } from "fflate";

/** What `docx` makes up anew each time: ids of links, and numbers of bookmarks and pictures that it counts for all books. */
const RANDOM_ID = /(<[^<>]*\s(?:r:id|r:embed|Id)=")(rId(?!\d+")[\w-]{4,})(?=")/g;
const COUNTED = /(<w:bookmark(?:Start|End)\b[^>]*?\bw:id|<wp:docPr\b[^>]*?\bid)="(-?\d+)"/g;
const CREATED = /(<dcterms:(?:created|modified)\b[^>]*>)[^<]*(<)/g;

/** The same document with ids in the order of their places and with the book's own time: equal books, equal bytes. */
export function sameEveryTime(docx: Uint8Array, modified: string): Uint8Array {
  const files: Zippable = {};
  const rename = createNames((index) => `rIdLink${index}`);
  const entries = Object.entries(unzipSync(docx));
  // The text first: its order is the one that counts.
  const isText = (name: string): number => (name === "word/document.xml" ? 0 : 1);
  for (const [name, bytes] of entries.toSorted((a, b) => isText(a[0]) - isText(b[0]))) {
    if (!/\.(?:xml|rels)$/.test(name)) {
      files[name] = [bytes, { level: 0 }];
      continue;
    }
    const count = createNames(String);
    const text = strFromU8(bytes)
      .replace(RANDOM_ID, (_, before: string, id: string) => before + rename(id))
      .replace(
        COUNTED,
        (_, before: string, id: string) => `${before}="${count(`${before.slice(0, 6)} ${id}`)}"`,
      )
      .replace(CREATED, `$1${modified}$2`);
    files[name] = strToU8(name.endsWith(".rels") ? inOrder(text) : text);
  }
  const sorted = Object.fromEntries(
    Object.entries(files).toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)),
  );
  return zipSync(sorted, { level: 6, mtime: new Date(1980, 0, 1, 12) });
}

/** What says what the other parts are goes first. */
function place(name: string): number {
  return name === "[Content_Types].xml" ? 0 : name === "_rels/.rels" ? 1 : 2;
}

function createNames(make: (index: number) => string): (old: string) => string {
  const names = new Map<string, string>();
  return (old) => {
    const name = names.get(old) ?? make(names.size + 1);
    names.set(old, name);
    return name;
  };
}

function inOrder(relationships: string): string {
  const one = /<Relationship\b[^>]*\/>/g;
  const all = (relationships.match(one) ?? []).toSorted();
  // Each in the place of another: what stands around them stays.
  return relationships.replace(one, () => all.shift() ?? "");
}
