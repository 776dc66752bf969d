import type { Runtime } from "../runtime.js";
import { openAuthors } from "./authors.js";
import type { Finding } from "./doctor.js";

/** Who could write here, the one that would first. Keys are not in it, only whether there is one. */
export async function examineAuthors(runtime: Pick<Runtime, "env">): Promise<Finding[]> {
  const candidates = await openAuthors(runtime).list();
  const chosen = candidates.find((candidate) => candidate.chosen);
  const findings: Finding[] = candidates.map(({ id, label, available, chosen: wins, reason }) => ({
    name: "author",
    // Without one author there is still another: only none at all would be broken.
    state: "ok",
    detail: `${wins ? "would write" : available ? "could write" : "not here"}: ${id} (${label}), ${reason}`,
  }));
  if (chosen === undefined) {
    findings.push({
      name: "author",
      state: "broken",
      detail: "nobody can write",
      hint: "check OPENAI_BASE_URL",
    });
  }
  return findings;
}
