/**
 * The door of the server: requests go to the engine as they are, and its answers come back as they come, so that an exception
 * in the middle of one reaches the reader as the engine wrote it. Only the time is the laboratory's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { request as ask } from 'node:http'
import type { ApiFault, PlatformState } from '../../platform.ts'
import { doorOf, type Wire } from '../../wire.ts'

interface Refusal {
  status: number
  /** Number of the exception; null: something in front of the server speaks. */
  code: number | null
  text: string
}

const exception = (status: number, code: number, words: string): Refusal => ({
  status,
  code,
  text: `Code: ${code}. DB::Exception: ${words} (version 26.7.2.1)\n`,
})

/** Every request carries its user and password: there is no session that could expire. */
function refusalOf(fault: ApiFault): Refusal | null {
  switch (fault.kind) {
    case 'throttle':
      return exception(
        500,
        202,
        'Too many simultaneous queries. Current: 100, maximum: 100. (TOO_MANY_SIMULTANEOUS_QUERIES)',
      )
    case 'error':
      if (fault.status === 500) return exception(500, 999, 'Session expired (KEEPER_EXCEPTION)')
      return { status: fault.status, code: null, text: '<html>no upstream is available</html>' }
    default:
      return null
  }
}

/** Headers that speak of one connection alone. */
const OWN = ['connection', 'keep-alive', 'host', 'date']
const passedOn = (headers: IncomingMessage['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name)))

export async function openDoor(state: PlatformState, engine: { url: string; follow(): Promise<void> }): Promise<Wire> {
  let requests = 0
  const date = () => ({ date: new Date(state.now()).toUTCString() })

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = Buffer.concat((await incoming.toArray()) as Buffer[])
    requests++
    const path = new URL(incoming.url ?? '/', engine.url).pathname
    const fault = state.api.next({ method: incoming.method ?? 'GET', path })
    if (fault?.kind === 'hang') return void incoming.socket.destroy()
    const no = fault && refusalOf(fault)
    if (no) {
      const told = no.code === null ? {} : { 'x-clickhouse-exception-code': String(no.code) }
      outgoing.writeHead(no.status, { 'content-type': 'text/plain; charset=UTF-8', ...told, ...date() })
      return void outgoing.end(no.text)
    }
    await engine.follow()
    const reply = await answerOf(incoming, body)
    if (fault?.kind === 'lost_reply') return void incoming.socket.destroy()
    outgoing.writeHead(reply.statusCode!, { ...passedOn(reply.headers), ...date() })
    if (fault?.kind === 'truncated') {
      const whole = Buffer.concat((await reply.toArray()) as Buffer[])
      outgoing.write(whole.subarray(0, whole.length >> 1), () => incoming.socket.destroy())
      return
    }
    // The engine breaks the connection off after an exception half-way: so does the door, after what came before.
    reply.on('error', () => outgoing.write('\n', () => incoming.socket.destroy()))
    reply.pipe(outgoing)
  }

  function answerOf({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const to = new URL(url ?? '/', engine.url)
      ask(to, { method: method ?? 'GET', headers: passedOn(headers), agent: false }, resolve)
        .on('error', reject)
        .end(body)
    })
  }

  return doorOf(serve, () => requests)
}
