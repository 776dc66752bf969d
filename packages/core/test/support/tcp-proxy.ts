import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A wire between a client and a server on this machine, that can break. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Breaks all connections; new ones work. */
  cut(): void;
  /** Breaks all connections and lets no new ones through, until {@link mend}. */
  sever(): void;
  /** Holds all bytes back, both ways, without a word to either side, until {@link mend}. */
  hold(): void;
  mend(): void;
  /** Leads new connections to another port, as an address that moves along does; those that are open stay where they are. */
  retarget(port: number): void;
  /** Brings each answer this many milliseconds late, and up to `jitterMs` more, in order all the same; 0 for at once. */
  delay(ms: number, jitterMs?: number): void;
  /** Breaks each of the next connections that bring an answer to what is asked from now on, instead of the answer. */
  loseAnswers(count: number, isOne?: (request: string) => boolean): void;
  /** How many answers were lost. */
  readonly lost: number;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSevered = false;
  let isHeld = false;
  let target = targetPort;
  let delayMs = () => 0;
  let toLose = 0;
  let isOne: (request: string) => boolean = () => true;
  let lost = 0;

  const server = createServer((client) => {
    if (isSevered) {
      client.destroy();
      return;
    }
    const server = connect(target, "127.0.0.1");
    const pair = [client, server] as const;
    let isArmed = false;
    /** What was brought last, or will be. */
    let brought: Promise<unknown> | undefined;
    const bring = async (bytes: Buffer, at: number, before: Promise<unknown> | undefined) => {
      await sleep(Math.max(0, at - performance.now()));
      await before;
      client.write(bytes);
    };
    const end = () => {
      client.destroy();
      server.destroy();
      pairs.delete(pair);
    };
    pairs.add(pair);
    if (isHeld) for (const socket of pair) socket.pause();
    client.on("data", (bytes) => {
      if (toLose > 0 && isOne(bytes.toString("latin1"))) isArmed = true;
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (!isArmed || toLose === 0) {
        const lateMs = delayMs();
        if (lateMs === 0 && brought === undefined) client.write(bytes);
        else {
          const mine = bring(bytes, performance.now() + lateMs, brought);
          brought = mine;
          void mine.finally(() => {
            if (brought === mine) brought = undefined;
          });
        }
        return;
      }
      toLose -= 1;
      lost += 1;
      end();
    });
    for (const socket of pair) socket.on("error", end).on("close", end);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const each = (act: (socket: Socket) => void) => {
    for (const pair of pairs) for (const socket of pair) act(socket);
  };
  return {
    port: (server.address() as AddressInfo).port,
    get lost() {
      return lost;
    },
    cut: () => each((socket) => socket.destroy()),
    sever() {
      isSevered = true;
      each((socket) => socket.destroy());
    },
    hold() {
      isHeld = true;
      each((socket) => socket.pause());
    },
    mend() {
      isSevered = false;
      isHeld = false;
      each((socket) => socket.resume());
    },
    retarget(port) {
      target = port;
    },
    delay(ms, jitterMs = 0) {
      delayMs = () => ms + Math.random() * jitterMs;
    },
    loseAnswers(count, which = () => true) {
      toLose = count;
      isOne = which;
    },
    async [Symbol.asyncDispose]() {
      each((socket) => socket.destroy());
      server.close();
      await once(server, "close");
    },
  };
}
