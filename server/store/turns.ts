/** Turns: one piece of work at a time for each owner and name, in the order of arrival. */

const queues = new WeakMap<object, Map<string, Promise<unknown>>>()

/** Runs `work` when all earlier work under the same owner and name has ended, however it ended. */
export function inTurn<T>(owner: object, name: string, work: () => Promise<T>): Promise<T> {
  const names = queues.get(owner) ?? new Map<string, Promise<unknown>>()
  queues.set(owner, names)
  const mine = (names.get(name) ?? Promise.resolve()).then(work, work)
  const tail = mine.catch(() => {})
  names.set(name, tail)
  return mine
}
