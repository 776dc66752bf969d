import { readFileSync } from "node:fs";
import { createTokenIssuer } from "../../../src/auth/issuer.js";
import { replaceAll, startNginx, type Proxy } from "../../server/support/proxy.js";
import { startSource, type SourceProcess } from "../../support/source-process.js";

const config = new URL("../../../../../docs/operations/two-servers/nginx.conf", import.meta.url);

export const issuer = createTokenIssuer({ secret: "a secret of the tests, which is long enough" });

/** A server process on a Redis. */
export interface ServedNode extends SourceProcess {
  readonly url: string;
  /** Asks it on its standard input. */
  ask(line: string): Promise<string | undefined>;
}

export async function startNode(
  redisUrl: string,
  prefix: string,
  options: object = {},
  port = 0,
): Promise<ServedNode> {
  const node = startSource("../processes/serve-node.ts", import.meta.url, [
    redisUrl,
    prefix,
    String(port),
    JSON.stringify(options),
  ]);
  const url = await node.line();
  if (url === undefined) throw new Error("The node ended before it served.");
  return {
    ...node,
    url,
    ask(line) {
      node.child.stdin?.write(`${line}\n`);
      return node.line();
    },
  };
}

/** The documented nginx in front of two servers, without sticky sessions. */
export function startBalancer(nodes: readonly [ServedNode, ServedNode]): Promise<Proxy> {
  return startNginx((port, folder) =>
    replaceAll(readFileSync(config, "utf8"), [
      ["listen 80;", `listen 127.0.0.1:${port};`],
      ["server-1:4555", new URL(nodes[0].url).host],
      ["server-2:4555", new URL(nodes[1].url).host],
      ["/var/log/nginx", `${folder}/log`],
    ]),
  );
}
