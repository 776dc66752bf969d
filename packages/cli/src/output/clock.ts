/** Time, passed in so that tests need not wait. */
export interface Clock {
  now(): Date;
  /** Calls `listener` every `ms` without keeping the process alive; gives back how to stop. */
  every(ms: number, listener: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  every(ms, listener) {
    const timer = setInterval(listener, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
