// What a screen reader would say by itself: each change of what the page calls a live region.
import type { BrowserContext, Page } from "playwright-core";

const said = (page: Page) => page.evaluate(() => (globalThis as { said?: string[] }).said ?? []);

/** Listens on all pages of a browser, from before they load. Gives what a page has said so far, in order. */
export async function listen(context: BrowserContext): Promise<(page: Page) => Promise<string[]>> {
  await context.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { said: heard });
    new MutationObserver((changes) => {
      const now = new Set<string>();
      for (const { target, addedNodes } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest("[role=status], [role=alert], [role=log], [aria-live]");
        if (region === null || region === undefined) continue;
        const isWhole = region.ariaAtomic !== "false";
        const text = isWhole ? region.textContent : [...addedNodes].map((one) => one.textContent);
        const spoken = [text].flat().join(" ").replaceAll(/\s+/g, " ").trim();
        if (spoken !== "") now.add(spoken);
      }
      heard.push(...now);
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
  return said;
}

/** How urgently each live region of a page speaks, as the browser tells screen readers. */
export async function urgencies(page: Page): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send("Accessibility.getFullAXTree");
  await cdp.detach();
  return nodes.flatMap(({ role, properties = [] }) => {
    const live = properties.find(({ name }) => name === "live")?.value.value as string | undefined;
    const isRoot = properties.some(({ name }) => name === "root");
    return live === undefined || live === "off" || isRoot ? [] : [`${role?.value}: ${live}`];
  });
}
