/** Lanes: a small pool of connections of which each carries one statement at a time. */

export interface Lanes<Connection> {
  /** Waits for a free connection, in the order of asking. */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** Waits until every statement has ended, then hands each connection to `end`. */
  close(end: (connection: Connection) => Promise<void>): Promise<void>
}

export function lanes<Connection>(make: () => Promise<Connection>, most: number): Lanes<Connection> {
  const all = new Set<Promise<Connection>>()
  const free: Connection[] = []
  const waiting: ((connection: Promise<Connection>) => void)[] = []
  const busy = new Set<Promise<unknown>>()

  const open = (): Promise<Connection> => {
    const made = make()
    all.add(made)
    made.catch(() => {
      all.delete(made)
      // Its place is free again: who waits for a connection tries to open one.
      waiting.shift()?.(open())
    })
    return made
  }
  const take = (): Connection | Promise<Connection> => {
    const ready = free.pop()
    if (ready !== undefined) return ready
    return all.size < most ? open() : new Promise((resolve) => waiting.push(resolve))
  }
  const give = (connection: Connection) => {
    const next = waiting.shift()
    if (next) next(Promise.resolve(connection))
    else free.push(connection)
  }

  return {
    use(work) {
      const job = (async () => {
        const connection = await take()
        try {
          return await work(connection)
        } finally {
          give(connection)
        }
      })()
      busy.add(job)
      const done = () => void busy.delete(job)
      job.then(done, done)
      return job
    },
    async close(end) {
      // Closing a connection under a running statement aborts the whole process.
      while (busy.size) await Promise.allSettled([...busy])
      for (const connection of all) await connection.then(end, () => {})
    },
  }
}
