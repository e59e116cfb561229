/** Simulated PostgreSQL: a real PostgreSQL engine behind a loopback port, with the troubles of a busy server in front of it. */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import { holds, idOf, stateMaps, streamSettings, TABLES } from '../warehouse/tables.ts'
import type { Engine } from './postgresql/engine.ts'
import { OWNER, READER, startEngine } from './postgresql/engine.ts'
import { asksForTls, createReader, isIdle, PASSWORD_WANTED, refusal, WELCOME } from './postgresql/wire.ts'

export const POSTGRES_PASSWORD = 'lab-postgres-reader-password'

export interface PostgresServer extends RunningSimulator {
  /** Statements of the owner of the database, when nobody else is in a transaction. */
  owner(sql: string): Promise<unknown>
}

export const postgresql: Simulator & { start(state: PlatformState): Promise<PostgresServer> } = {
  vendor: 'postgresql',
  role: 'warehouse',
  kinds: TABLES.map((t) => t.kind),
  holds,
  id: idOf,
  async start(state) {
    const engine = await startEngine(state)
    const turn = createTurns()
    const sockets = new Set<Socket>()
    let requests = 0
    const server = createServer((socket) => {
      requests++
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => {})
      serve(socket, engine, turn, state.api.next({ method: 'QUERY', path: '/' }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { maps, referenceMaps } = stateMaps('postgresql')
    return {
      owner: (sql) => turn(() => engine.db.exec(`SET SESSION AUTHORIZATION ${OWNER}; ${sql}`)),
      url: `tcp://127.0.0.1:${port}`,
      platformConfig: {
        connector: 'postgresql',
        role: 'warehouse',
        title: 'PostgreSQL',
        timezone: 'UTC',
        config: {
          host: '127.0.0.1',
          port,
          database: 'postgres',
          user: READER,
          password: POSTGRES_PASSWORD,
          tls: 'off',
          streams: streamSettings(),
        },
        maps,
        allow_private_network: true,
      },
      referenceMaps,
      requests: () => requests,
      async stop() {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => server.close(resolve))
        await turn(() => engine.db.close())
      },
    }
  },
}
export default postgresql

/** One after the other: the engine is one session, and a transaction has it to itself. */
type Turns = <T>(work: () => Promise<T>) => Promise<T>

function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
}

/** One connection. The messages up to a Sync or a simple query go to the engine at once. */
function serve(socket: Socket, engine: Engine, turn: Turns, fault: ApiFault | null): void {
  if (fault?.kind === 'hang') return void socket.destroy()
  const reader = createReader()
  let phase: 'greeting' | 'password' | 'open' = 'greeting'
  let batch: Buffer[] = []
  let asked: { waiting: Buffer[]; wake: (() => void) | null; over: boolean } | null = null

  const refuse = (code: string, words: string) => socket.end(refusal(code, words))

  /** Has the engine until its transaction is over or the client is gone. */
  async function converse(queue: NonNullable<typeof asked>): Promise<void> {
    await engine.follow()
    for (;;) {
      if (queue.waiting.length === 0 && !queue.over) await new Promise<void>((wake) => (queue.wake = wake))
      const request = queue.waiting.shift()
      if (request === undefined) {
        await engine.db.exec('ROLLBACK')
        return
      }
      const answer = Buffer.from(await engine.db.execProtocolRaw(request))
      const rows = fault?.kind === 'truncated' && answer.includes('SELECT ')
      if (rows) socket.write(answer.subarray(0, answer.length >> 1), () => socket.destroy())
      else if (!socket.destroyed) socket.write(answer)
      if (isIdle(answer) && queue.waiting.length === 0) return
    }
  }

  function ask(request: Buffer): void {
    if (asked === null) {
      const queue = { waiting: [request], wake: null, over: false }
      asked = queue
      void turn(() => converse(queue))
        .catch((error: Error) => refuse('XX000', error.message))
        .finally(() => (asked = asked === queue ? null : asked))
      return
    }
    asked.waiting.push(request)
    asked.wake?.()
  }

  function take(): void {
    for (let got = reader.next(phase === 'greeting'); got; got = reader.next(phase === 'greeting')) {
      if (phase === 'greeting') {
        if (asksForTls(got)) socket.write('N')
        else if (fault?.kind === 'error') return void refuse('57P03', 'the database system is starting up')
        else if (fault?.kind === 'throttle') return void refuse('53300', 'sorry, too many clients already')
        else {
          phase = 'password'
          socket.write(PASSWORD_WANTED)
        }
      } else if (phase === 'password') {
        if (got.body.toString('utf8').replace('\0', '') !== POSTGRES_PASSWORD)
          return void refuse('28P01', `password authentication failed for user "${READER}"`)
        phase = 'open'
        socket.write(WELCOME)
      } else if (got.type === 'X') return void socket.end()
      else {
        batch.push(got.whole)
        if (got.type !== 'S' && got.type !== 'Q') continue
        ask(Buffer.concat(batch))
        batch = []
      }
    }
  }

  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk)
    take()
  })
  socket.on('close', () => {
    if (asked === null) return
    asked.over = true
    asked.wake?.()
  })
}
