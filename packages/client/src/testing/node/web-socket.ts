import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/*
 * The little of RFC 6455 that a fault server needs: it answers the handshake, writes unmasked text and close frames, and
 * reads masked ones. By hand, since no WebSocket library lets a test cut a frame in two.
 */

/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export function acceptWebSocket(request: IncomingMessage, socket: Duplex, protocol: string): void {
  const key = `${request.headers["sec-websocket-key"] ?? ""}${GUID}`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
}

const TEXT = 1;
const CLOSE = 8;

export const encodeTextFrame = (text: string): Buffer => encodeFrame(TEXT, Buffer.from(text));

export function encodeCloseFrame(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return encodeFrame(CLOSE, payload);
}

function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extra);
  head[0] = 0x80 | opcode;
  head[1] = extra === 0 ? length : extra === 2 ? 126 : 127;
  if (extra === 2) head.writeUInt16BE(length, 2);
  if (extra === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** Calls `onText` with each text frame of a client, and `onClose` with its close frame. */
export function readFrames(
  socket: Duplex,
  onText: (text: string) => void,
  onClose: () => void,
): void {
  let buffered: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const frame = parseFrame(buffered);
      if (frame === undefined) return;
      buffered = buffered.subarray(frame.end);
      if (frame.opcode === TEXT) onText(frame.payload.toString());
      else if (frame.opcode === CLOSE) onClose();
    }
  });
}

function parseFrame(buffer: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (buffer.length < 2) return undefined;
  const short = buffer.readUInt8(1) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (buffer.length < 6 + extra) return undefined;
  const length =
    extra === 2 ? buffer.readUInt16BE(2) : extra === 8 ? Number(buffer.readBigUInt64BE(2)) : short;
  const mask = buffer.subarray(2 + extra, 6 + extra);
  const end = 6 + extra + length;
  if (buffer.length < end) return undefined;
  const payload = Buffer.from(buffer.subarray(6 + extra, end)).map(
    (byte, index) => byte ^ (mask[index % 4] ?? 0),
  );
  return { opcode: buffer.readUInt8(0) & 0xf, payload: Buffer.from(payload), end };
}
