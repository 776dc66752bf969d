import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { definePipeline } from "../../../src/pipeline/define.js";
import { createJobs } from "../../../src/pipeline/jobs.js";
import { isInkwireError } from "../../../src/protocol/index.js";
import { openHome } from "../../../src/storage/home.js";

// Begins or goes on with the job `book` until its end: `write-book.ts <home> <journal> <chapters> <milliseconds per step>`.
// The journal is the witness: `begin <step>` when a body does its work, `done <step>` when it was announced.
const [directory = "", journal = "", chapters = "", stepMs = ""] = process.argv.slice(2);
const note = (line: string) => appendFileSync(journal, `${line}\n`);

const pipeline = definePipeline("write_book", {}, async (run, count: number) => {
  const work = async (name: string) => {
    note(`begin ${name}`);
    await sleep(Number(stepMs));
    return name;
  };
  const numbers = await run.step("outline", { input: count }, async () => {
    await work("outline");
    return Array.from({ length: count }, (_, index) => index);
  });
  const texts = await run.map("chapter", numbers, { concurrency: 3 }, (number) =>
    work(`chapter/${number}`),
  );
  return run.step("assemble", { input: texts }, async () => {
    await work("assemble");
    return texts.join(" ");
  });
});

const home = await openHome(directory);
await using jobs = createJobs({
  home,
  pipelines: [pipeline],
  onReport(report) {
    if (report.type === "step_finished" && !report.cached) {
      const { name, index } = report.step;
      note(`done ${index === undefined ? name : `${name}/${index}`}`);
    }
    if (report.type === "interrupted") console.log("interrupted");
  },
  onError: (error) => console.log(isInkwireError(error) ? error.code : String(error)),
});
console.log("ready");
if ((await jobs.get("book")) === undefined) {
  // Of two processes that begin at once, one may come too late.
  await jobs.enqueue("write_book", Number(chapters), { owner: "me", id: "book" }).catch(() => {});
} else {
  await jobs.recover();
}
const job = await jobs.wait("book");
console.log(JSON.stringify(job));
