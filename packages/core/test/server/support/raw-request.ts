import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Writes `pieces` to a server as they are, and reads until it closes or its answer is whole. */
export async function rawRequest(port: number, ...pieces: readonly string[]): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  // Some servers answer before they have read it all, and close.
  socket.on("error", () => {});
  let text = "";
  const done = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (isWhole(text)) resolve();
    });
    socket.on("close", () => resolve());
  });
  for (const piece of pieces) await write(socket, piece);
  await done;
  socket.destroy();
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body };
}

function write(socket: Socket, piece: string): Promise<void> {
  return new Promise((resolve) => {
    socket.write(piece, "latin1", () => resolve());
  });
}

function isWhole(text: string): boolean {
  const [head = "", body] = text.split("\r\n\r\n");
  if (body !== undefined && head.startsWith("HTTP/1.1 101")) return true;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  return body !== undefined && length !== undefined && body.length >= Number(length);
}
