import type { Lifecycle, LifecycleEvent } from "../../src/index.js";

export interface FakeLifecycle extends Lifecycle {
  fire(event: LifecycleEvent): void;
  hidden: boolean;
  online: boolean;
  readonly listeners: number;
}

export function createFakeLifecycle(): FakeLifecycle {
  const listeners = new Set<(event: LifecycleEvent) => void>();
  return {
    hidden: false,
    online: true,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isHidden() {
      return this.hidden;
    },
    isOnline() {
      return this.online;
    },
    fire(event) {
      for (const listener of listeners) listener(event);
    },
    get listeners() {
      return listeners.size;
    },
  };
}
