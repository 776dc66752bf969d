import { setTimeout as sleep } from "node:timers/promises";

/** Waits until it is so, also where no test runs yet, which `expect.poll` asks for. */
export async function until(isSo: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > end)
      throw new Error(`It was not so within ${timeoutMs} ms: ${isSo.toString()}`);
    await sleep(50);
  }
}
