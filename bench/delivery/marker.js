// What a message carries so that it can be recognised in any framing without parsing it: `@T<µs>#<seq>@`, when it was
// published and which one it is.

const STAMP_DIGITS = 14;
const SEQ_DIGITS = 7;
/** `@T`, the stamp, `#`, the sequence, `@`. */
export const MARKER_BYTES = 2 + STAMP_DIGITS + 1 + SEQ_DIGITS + 1;

const START = Buffer.from("@T");
const AT = 0x40;
const HASH = 0x23;

/** Of the monotonic clock, which all processes of one machine share; Date.now() may jump. */
const originMicros = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

/** Microseconds of the monotonic clock. */
export function nowMicros() {
  return originMicros + performance.now() * 1000;
}

/**
 * @param {number} micros
 * @param {number} seq - from 1 to 9,999,999
 */
export function encodeMarker(micros, seq) {
  const stamp = String(Math.floor(micros)).padStart(STAMP_DIGITS, "0");
  return `@T${stamp}#${String(seq).padStart(SEQ_DIGITS, "0")}@`;
}

/** Finds the markers in the bytes of one connection, also those that are cut between two reads. */
export class MarkerScanner {
  /** The end of the last read, where it may be the beginning of a marker. */
  #carry = Buffer.alloc(0);

  /**
   * @param {Buffer} bytes - reused by the caller afterwards
   * @param {(micros: number, seq: number) => void} onMarker
   */
  scan(bytes, onMarker) {
    let from = 0;
    if (this.#carry.length > 0) {
      const seam = Buffer.concat([this.#carry, bytes.subarray(0, MARKER_BYTES - 1)]);
      const end = scanWhole(seam, 0, onMarker);
      // What began in the carry and ended in these bytes has been told; the rest begins in these bytes.
      from = Math.max(0, end - this.#carry.length);
      if (end < this.#carry.length && bytes.length < MARKER_BYTES - 1) {
        this.#carry = tailOf(seam, end);
        return;
      }
      this.#carry = Buffer.alloc(0);
    }
    const end = scanWhole(bytes, from, onMarker);
    this.#carry = tailOf(bytes, end);
  }
}

/**
 * Tells all whole markers from `from` on, and gives back where the last of them ended.
 *
 * @param {Buffer} bytes
 * @param {number} from
 * @param {(micros: number, seq: number) => void} onMarker
 */
function scanWhole(bytes, from, onMarker) {
  let end = from;
  for (;;) {
    const at = bytes.indexOf(START, end);
    if (at < 0 || at + MARKER_BYTES > bytes.length) return end;
    const hash = at + 2 + STAMP_DIGITS;
    if (bytes[hash] === HASH && bytes[at + MARKER_BYTES - 1] === AT) {
      onMarker(digits(bytes, at + 2, STAMP_DIGITS), digits(bytes, hash + 1, SEQ_DIGITS));
      end = at + MARKER_BYTES;
    } else end = at + START.length;
  }
}

/**
 * @param {Buffer} bytes
 * @param {number} end
 */
function tailOf(bytes, end) {
  const at = bytes.indexOf(START[0] ?? AT, Math.max(end, bytes.length - MARKER_BYTES + 1));
  return at < 0 ? EMPTY : Buffer.from(bytes.subarray(at));
}
const EMPTY = Buffer.alloc(0);

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @param {number} count
 */
function digits(bytes, at, count) {
  let value = 0;
  for (let index = at; index < at + count; index += 1)
    value = value * 10 + (bytes[index] ?? 0) - 48;
  return value;
}
