import { unzlibSync } from "fflate";

/** A font ready to draw with, and which characters it has. */
export interface FontFace {
  /** TrueType. */
  readonly bytes: Uint8Array;
  has(character: number): boolean;
}

const headerBytes = 44;
const entryBytes = 20;
const sfntHeaderBytes = 12;
const sfntEntryBytes = 16;

/**
 * Unpacks a WOFF font of ours, as what draws takes TrueType, and reads the map from characters to glyphs.
 *
 * @see https://www.w3.org/TR/WOFF/
 */
export function readWoff(woff: Uint8Array): FontFace {
  const source = viewOf(woff);
  const count = source.getUint16(12);
  const tables = Array.from({ length: count }, (_, index) => {
    const at = headerBytes + index * entryBytes;
    const [tag, offset, packed, length, checksum] = [0, 4, 8, 12, 16].map((field) =>
      source.getUint32(at + field),
    ) as [number, number, number, number, number];
    const stored = woff.subarray(offset, offset + packed);
    return { tag, checksum, data: packed < length ? unzlibSync(stored) : stored };
  });
  const bytes = joinTables(source.getUint32(4), tables);
  const map = tables.find(({ tag }) => tag === 0x636d6170)?.data;
  const ranges = map === undefined ? [] : rangesOf(viewOf(map));
  return {
    bytes,
    has: (character) => ranges.some(([first, last]) => character >= first && character <= last),
  };
}

interface Table {
  readonly tag: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

function joinTables(flavor: number, tables: readonly Table[]): Uint8Array {
  const size = tables.reduce(
    (sum, { data }) => sum + aligned(data.length),
    sfntHeaderBytes + tables.length * sfntEntryBytes,
  );
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  const power = Math.floor(Math.log2(tables.length));
  view.setUint32(0, flavor);
  view.setUint16(4, tables.length);
  view.setUint16(6, 2 ** power * 16);
  view.setUint16(8, power);
  view.setUint16(10, tables.length * 16 - 2 ** power * 16);
  let offset = sfntHeaderBytes + tables.length * sfntEntryBytes;
  for (const [index, { tag, checksum, data }] of tables.entries()) {
    const at = sfntHeaderBytes + index * sfntEntryBytes;
    view.setUint32(at, tag);
    view.setUint32(at + 4, checksum);
    view.setUint32(at + 8, offset);
    view.setUint32(at + 12, data.length);
    bytes.set(data, offset);
    offset += aligned(data.length);
  }
  return bytes;
}

type Range = readonly [first: number, last: number];

/** The characters of the two kinds of map in use: 4 (up to U+FFFF) and 12. */
function rangesOf(map: DataView): Range[] {
  const subtables = Array.from({ length: map.getUint16(2) }, (_, index) =>
    map.getUint32(4 + index * 8 + 4),
  );
  return [...new Set(subtables)].flatMap((at) => {
    const format = map.getUint16(at);
    if (format === 12) {
      return Array.from({ length: map.getUint32(at + 12) }, (_, index): Range => {
        const group = at + 16 + index * 12;
        return [map.getUint32(group), map.getUint32(group + 4)];
      });
    }
    if (format !== 4) return [];
    const twice = map.getUint16(at + 6);
    return Array.from({ length: twice / 2 }, (_, index): Range => {
      const last = map.getUint16(at + 14 + index * 2);
      return [map.getUint16(at + 16 + twice + index * 2), last === 0xffff ? 0xfffe : last];
    });
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}
