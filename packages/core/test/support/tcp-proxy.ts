import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a port of this machine that a test can cut and mend. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  /** Holds back every byte, as a network does that says nothing: what is open stays open. */
  hold(): void;
  mend(): void;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let state: "open" | "cut" | "held" = "open";
  const follow = (socket: Socket) => {
    sockets.add(socket);
    if (state === "held") socket.pause();
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    if (state === "cut") {
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    follow(near);
    follow(far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (data) => void to.write(data));
      from.on("close", () => to.destroy());
    }
    if (state === "held") for (const socket of [near, far]) socket.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = "cut";
      cut();
    },
    hold() {
      state = "held";
      for (const socket of sockets) socket.pause();
    },
    mend() {
      state = "open";
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
