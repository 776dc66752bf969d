// Part of `pnpm release`, in the workflow alone: npm takes a provenance only for a manifest that names the repository that it was
// built from. The workflow knows which one that is, so a fork publishes with its own name.
import { readFileSync, writeFileSync } from "node:fs";

const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
if (server === undefined || repository === undefined) {
  process.stderr.write(
    "error: packages are published by the release workflow, which says where they come from\n",
  );
  process.exit(1);
}
for (const name of ["core", "client", "cli"]) {
  const path = new URL(`../packages/${name}/package.json`, import.meta.url);
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const directory = `packages/${name}`;
  manifest.repository = { type: "git", url: `git+${server}/${repository}.git`, directory };
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
