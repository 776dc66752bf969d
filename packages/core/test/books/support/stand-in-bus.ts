export function createBus(_: unknown): any {
  const subs = new Set<any>();
  let seq = 0;
  return {
    async publish(topic: string, type: string, data: any) {
      const m = { id: `e.${++seq}`, type, topic, time: new Date().toISOString(), data };
      for (const s of subs)
        if (s.topics.includes(topic)) {
          s.queue.push(m);
          s.wake?.();
        }
      return m;
    },
    subscribe(topics: string[]) {
      const s: any = { topics, queue: [], wake: undefined };
      subs.add(s);
      return {
        async *[Symbol.asyncIterator]() {
          for (;;) {
            while (s.queue.length) yield s.queue.shift();
            await new Promise<void>((r) => (s.wake = r));
          }
        },
      };
    },
    async close() {},
  };
}
