import { createToasts, type Client, type Toasts, type ToastsState } from "@inkwire/client";
import { useInkwire } from "../context.js";
import { useStore, type View } from "../shared.js";

type ToastsMethods = Pick<Toasts, "show" | "dismiss" | "pause" | "resume">;

const silent = () => () => undefined;
/** Whoever signs in has to be told when that fails, too. */
const NOBODY = { userId: undefined, on: silent, onGap: silent } as unknown as Client;

/**
 * What `<Toaster>` shows, to show and to dismiss more. Without a `<Toaster>` or this on the page, no message becomes a toast
 * in this tab.
 */
export function useToasts(): View<ToastsState, ToastsMethods> {
  const context = useInkwire();
  return useStore({
    key: () => "toasts",
    make: (client) => createToasts(client, context.toasts),
    nobody: NOBODY,
    empty: (): ToastsState => ({ visible: [], waiting: 0 }),
    methods: (store): ToastsMethods => ({
      show: (toast) => store()?.show(toast) ?? "",
      dismiss: (id) => store()?.dismiss(id),
      pause: () => store()?.pause(),
      resume: () => store()?.resume(),
    }),
  });
}
