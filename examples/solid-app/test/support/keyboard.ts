// Who has no pointer, and who has no eyes: where Tab stops on a page, and what the browser tells a screen reader of it.
import type { CDPSession, Locator, Page } from "playwright-core";

interface AxNode {
  readonly ignored: boolean;
  readonly backendDOMNodeId?: number;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly properties?: ReadonlyArray<{
    readonly name: string;
    readonly value: { value: unknown };
  }>;
}

interface Stop {
  readonly name: string;
  readonly faults: readonly string[];
}

/** More often than any page has stops, so that one which never lets go ends all the same. */
const MAX_PRESSES = 150;
/** What Chromium calls focusable, and Tab is not meant to reach: what holds controls, or is in one. */
const INSIDE = new Set(["RootWebArea", "dialog", "option"]);
/** A page that changes under the walk is walked again. */
const LAPS = 3;

/**
 * Presses Tab until it has been everywhere, and gives the names of all stops, in order, and what is wrong: a control that
 * cannot be reached, or has no name, or is out of sight, or does not look as if it had the focus.
 */
export async function walk(page: Page, key: "Tab" | "Shift+Tab" = "Tab") {
  const cdp = await page.context().newCDPSession(page);
  const stops = new Map<number, Stop>();
  const before = await controls(cdp);
  let missing: string[] = [];
  for (let lap = 0; lap < LAPS && (lap === 0 || missing.length > 0); lap++) {
    await oneLap(page, cdp, key, stops);
    const after = await controls(cdp);
    missing = [...after].filter(([id]) => before.has(id) && !stops.has(id)).map(([, name]) => name);
  }
  const unmarked = await unmarkedStops(page);
  await cdp.detach();
  const faults = [
    ...missing.map((name) => `${name} is not reached`),
    ...[...stops.values()].flatMap(({ name, faults }) => faults.map((what) => `${name} ${what}`)),
    ...unmarked.map((what) => `${what} looks the same without the focus`),
  ];
  return { names: [...stops.values()].map(({ name }) => name), faults };
}

async function oneLap(
  page: Page,
  cdp: CDPSession,
  key: string,
  stops: Map<number, Stop>,
): Promise<void> {
  const seen = new Set<number>();
  for (let presses = 0; presses < MAX_PRESSES; presses++) {
    await page.keyboard.press(key);
    const { result } = await cdp.send("Runtime.evaluate", { expression: "document.activeElement" });
    const objectId = result.objectId ?? "";
    const { node } = await cdp.send("DOM.describeNode", { objectId });
    if (node.nodeName === "BODY" || node.nodeName === "HTML" || seen.has(node.backendNodeId)) {
      if (seen.size > 0) return;
      continue;
    }
    seen.add(node.backendNodeId);
    if (stops.has(node.backendNodeId)) continue;
    const asked = { objectId, fetchRelatives: false };
    const [ax] = (await cdp.send("Accessibility.getPartialAXTree", asked)).nodes as AxNode[];
    const faults = await cdp.send("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: String(lookAtFocus),
      returnByValue: true,
    });
    stops.set(node.backendNodeId, {
      name: named(ax),
      faults: [
        ...(ax === undefined || ax.ignored ? ["is hidden from screen readers"] : []),
        ...((ax?.name?.value ?? "") === "" ? ["has no name"] : []),
        ...(faults.result.value as string[]),
      ],
    });
  }
  throw new Error(`${key} ${MAX_PRESSES} times, and it has not come round`);
}

/** What a screen reader would call a control. */
const named = (node: AxNode | undefined): string =>
  `${node?.role?.value ?? "?"} “${node?.name?.value ?? ""}”`;

/** Each control that Tab has to reach, by what the browser calls its node. Of a group of radio buttons, the chosen one. */
async function controls(cdp: CDPSession): Promise<Map<number, string>> {
  const { nodes } = (await cdp.send("Accessibility.getFullAXTree")) as { nodes: AxNode[] };
  const found = new Map<number, string>();
  for (const node of nodes) {
    const is = new Map(node.properties?.map(({ name, value }) => [name, value.value]));
    const id = node.backendDOMNodeId;
    const role = node.role?.value ?? "";
    const isInside = INSIDE.has(role) || (role === "radio" && is.get("checked") !== "true");
    if (node.ignored || id === undefined || is.get("focusable") !== true || isInside) continue;
    const { node: element } = await cdp.send("DOM.describeNode", { backendNodeId: id });
    const { attributes = [] } = element;
    const tabindex = attributes[attributes.indexOf("tabindex") + 1];
    if (attributes.includes("tabindex") && tabindex === "-1") continue;
    found.set(id, named(node));
  }
  return found;
}

/** Runs in the page, on what has the focus: whether it can be seen. Keeps how it looks for {@link unmarkedStops}. */
function lookAtFocus(this: HTMLElement): string[] {
  const known = ((globalThis as unknown as { looks?: Map<Element, string> }).looks ??= new Map());
  const style = getComputedStyle(this);
  const { outlineStyle, outlineWidth, outlineColor } = style;
  const hasOutline = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  const isClear = /, 0\)$|^transparent$/.test(outlineColor);
  const { boxShadow, borderColor, backgroundColor } = style;
  known.set(
    this,
    [hasOutline && !isClear, boxShadow, borderColor, backgroundColor].map(String).join("|"),
  );
  const [box] = this.getClientRects();
  if (
    box === undefined ||
    !this.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  )
    return ["is invisible"];
  if (box.width < 8 || box.height < 8) return ["is too small to be seen"];
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return ["is outside of the window"];
  const top = document.elementFromPoint(x, y);
  const isCovered = top === null || !(this.contains(top) || top.contains(this));
  return isCovered ? [`lies below ${top?.outerHTML.slice(0, 120)}`] : [];
}

/** Of the stops that are still there, those that look just as they did when they had the focus. */
async function unmarkedStops(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { looks } = globalThis as unknown as { looks: Map<HTMLElement, string> };
    const active = document.activeElement as HTMLElement | null;
    active?.blur();
    const same = [...looks].filter(([element, focused]) => {
      const style = getComputedStyle(element);
      const hasOutline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
      const isClear = /, 0\)$|^transparent$/.test(style.outlineColor);
      const { boxShadow, borderColor, backgroundColor } = style;
      const now = [hasOutline && !isClear, boxShadow, borderColor, backgroundColor].map(String);
      return element.isConnected && now.join("|") === focused;
    });
    looks.clear();
    active?.focus({ preventScroll: true });
    return same.map(([element]) => element.outerHTML.slice(0, 120));
  });
}

/** Presses Tab until `control` has the focus, and then `key`. */
export async function press(control: Locator, key: string): Promise<void> {
  await control.waitFor();
  for (let presses = 0; !(await hasFocus(control)); presses++) {
    if (presses === MAX_PRESSES) throw new Error(`${String(control)} is not reached by Tab`);
    await control.page().keyboard.press("Tab");
  }
  await control.page().keyboard.press(key);
}

export const hasFocus = (control: Locator): Promise<boolean> =>
  control.evaluate((element) => element === document.activeElement);
