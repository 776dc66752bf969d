import type { Command } from "commander";
import { pageLook } from "../output/page-look.js";
import { writeJsonLine } from "../output/json.js";
import { exitCodes } from "../output/exit-codes.js";
import { nonEmpty, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";
import type { Runtime } from "../runtime.js";
import type { Finding } from "../services/doctor.js";

interface DoctorFlags extends GlobalFlags {
  readonly json?: boolean;
}

export function doctorCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("doctor")
    .summary("check this machine, or a server")
    .description(
      "Check what inkwire needs: Node, the terminal, the place for books, which author would write, and the Redis of INKWIRE_REDIS_URL if it is set. With an address: whether a server answers there, takes your token, and whether messages pass whatever lies between at once. Ends with 1 when something needed is broken. Keys and tokens are never shown.",
    )
    .argument("[url]", "the address of a server", nonEmpty)
    .option("--json", "the findings as one JSON object")
    .action(async (url: string | undefined, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DoctorFlags>();
      const { examine, isHealthy } = await import("../services/doctor.js");
      const { formatFindings } = await import("../output/doctor-text.js");
      const findings =
        url === undefined ? await examine(runtime, flags) : await examineThere(runtime, flags, url);
      const ok = isHealthy(findings);
      if (flags.json) writeJsonLine(runtime.stdout, { ok, findings });
      else {
        const { paint, columns } = pageLook(runtime, flags);
        const subject = url === undefined ? "inkwire needs" : "clients need";
        runtime.stdout.write(formatFindings(findings, paint, subject, columns));
      }
      finish(ok ? exitCodes.done : exitCodes.failed);
    });
}

async function examineThere(runtime: Runtime, flags: DoctorFlags, url: string): Promise<Finding[]> {
  const { parseServerUrl } = await import("../services/remote/server-address.js");
  const { examineServer } = await import("../services/doctor-server.js");
  return examineServer(runtime, flags, parseServerUrl(url));
}
