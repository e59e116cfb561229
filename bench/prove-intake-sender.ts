/** The sender of prove-intake: starts a receiver, signs deliveries as a vendor does, and posts them over kept connections. */
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { bundled } from './bundled.ts'

/** One file of JavaScript: a round should spend its time on being killed, not on being compiled. */
const CHILD = await bundled(new URL('./prove-intake-child.ts', import.meta.url), true)
const SECRET = 'a secret of the proof'

export const SETTINGS = {
  platforms: {
    erp: { connector: 'files', role: 'erp', config: { folder: '/nowhere' } },
    bus: {
      connector: 'webhook',
      role: 'middleware',
      config: {
        signature: {
          scheme: 'hmac',
          header: 'x-signature',
          content: '{timestamp}.{body}',
          timestamp: { header: 'x-timestamp' },
          secrets: [SECRET],
        },
        id: '/id',
        at: '/at',
        rules: [
          {
            event: { type: 'sent', to_platform: 'erp', kind: 'customer', record_id: '/record', correlation_id: '/id' },
          },
        ],
      },
    },
  },
}

export interface Receiver {
  pid: number
  /** Status of the answer. @throws when there is none */
  send(n: number, more?: string): Promise<number>
  state(): Promise<{ depth: number; bytes: number; failure: string | null; syncs: number; synced: number }>
  kill(): void
  /** The signal that ended it, or its exit code. */
  ended(): Promise<string | number | null>
  stop(): Promise<void>
}

export async function startReceiver(
  data: string,
  settings: unknown,
  env: Record<string, string> = {},
  part: 'spool' | 'whole' = 'whole',
): Promise<Receiver> {
  const child = spawn(process.execPath, [CHILD, data, JSON.stringify(settings), part], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<string | number | null>((resolve) =>
    child.on('exit', (code, signal) => resolve(signal ?? code)),
  )
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve((JSON.parse(line) as { port: number }).port),
    )
    void ended.then((how) => reject(new Error(`the receiver did not start: ${how}`)))
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  type Reply = { status: number; text: string }
  const call = (method: string, path: string, body: string, headers: Record<string, string>): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ agent, host: '127.0.0.1', port, method, path, headers }, (reply) => {
        let text = ''
        reply.on('data', (d: Buffer) => (text += d.toString()))
        reply.on('end', () => resolve({ status: reply.statusCode!, text }))
        reply.on('error', reject)
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the receiver closed for idleness just now: every client asks again over a new one.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(call(method, path, body, headers))
        else reject(error)
      })
      outgoing.end(body)
    })
  return {
    pid: child.pid!,
    async send(n, more = '') {
      const body = JSON.stringify({
        id: `e${n}`,
        at: new Date().toISOString(),
        record: `R${n % 1000}`,
        note: `${'n'.repeat(300)}${more}`,
      })
      const stamp = String(Math.floor(Date.now() / 1000))
      const { status } = await call('POST', '/hooks/bus', body, {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'x-timestamp': stamp,
        'x-signature': createHmac('sha256', SECRET).update(`${stamp}.${body}`).digest('hex'),
      })
      return status
    },
    state: async () => JSON.parse((await call('GET', '/state', '', {})).text) as Awaited<ReturnType<Receiver['state']>>,
    kill: () => void child.kill('SIGKILL'),
    ended: () => ended.finally(() => agent.destroy()),
    async stop() {
      child.kill('SIGTERM')
      await ended
      agent.destroy()
    },
  }
}

export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
