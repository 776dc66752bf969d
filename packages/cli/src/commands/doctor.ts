import type { Command } from "commander";
import { createPaint, wantsColor } from "../output/color.js";
import { writeJsonLine } from "../output/json.js";
import { exitCodes } from "../output/exit-codes.js";
import type { GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

interface DoctorFlags extends GlobalFlags {
  readonly json?: boolean;
}

export function doctorCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("doctor")
    .summary("check this machine: Node, terminal, disk, authors")
    .description(
      "Check what inkwire needs: Node, the terminal, the place for books, and which author would write. Ends with 1 when something needed is broken. Keys are never shown.",
    )
    .option("--json", "the findings as one JSON object")
    .action(async (_own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DoctorFlags>();
      const { examine, isHealthy } = await import("../services/doctor.js");
      const { formatFindings } = await import("../output/doctor-text.js");
      const findings = await examine(runtime, flags);
      const ok = isHealthy(findings);
      if (flags.json) writeJsonLine(runtime.stdout, { ok, findings });
      else {
        const color = wantsColor({
          noColor: !flags.color,
          env: runtime.env,
          isTty: runtime.stdout.isTty,
        });
        runtime.stdout.write(formatFindings(findings, createPaint(color)));
      }
      finish(ok ? exitCodes.done : exitCodes.failed);
    });
}
