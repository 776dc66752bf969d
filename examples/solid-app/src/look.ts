// How the reader likes it: theme and size of the text. `public/look.js` applies the same before the first paint.
import { createEffect, createSignal } from "solid-js";

export const themes = ["system", "light", "dark"] as const;
export const sizes = ["small", "medium", "large", "huge"] as const;
type Theme = (typeof themes)[number];
type Size = (typeof sizes)[number];

export function createLook() {
  const { dataset } = document.documentElement;
  const [theme, setTheme] = createSignal<Theme>(
    (dataset["theme"] as Theme | undefined) ?? "system",
  );
  const [size, setSize] = createSignal<Size>((dataset["size"] as Size | undefined) ?? "medium");
  createEffect(() => {
    if (theme() === "system") delete dataset["theme"];
    else dataset["theme"] = theme();
    dataset["size"] = size();
    try {
      const chosen = { theme: theme() === "system" ? undefined : theme(), size: size() };
      localStorage.setItem("look", JSON.stringify(chosen));
    } catch {
      // Storage is full or forbidden: then it holds until the page is closed.
    }
  });
  return { theme, setTheme, size, setSize };
}
