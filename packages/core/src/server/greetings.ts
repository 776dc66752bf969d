import type { NotificationText } from "../notifications/notification.js";
import type { Notifier } from "../notifications/notifier.js";
import type { Connections } from "../transports/types.js";

export interface GreetingOptions {
  readonly connections: Pick<Connections, "onOpen">;
  readonly notify: Pick<Notifier, "greet" | "welcome">;
  /** `null`: nobody is welcomed. `undefined`: in the notifier's own words. */
  readonly welcome: NotificationText | null | undefined;
  readonly onProblem: (problem: unknown) => void;
}

/** Tells whoever connects what is scheduled, and who never did before that they are welcome. Gives back how to stop. */
export function greetWhoConnects({
  connections,
  notify,
  welcome,
  onProblem,
}: GreetingOptions): () => void {
  const greet = async (userId: string): Promise<void> => {
    await notify.greet(userId);
    if (welcome !== null) await notify.welcome(userId, welcome);
  };
  return connections.onOpen(({ userId }) => void greet(userId).catch(onProblem));
}
