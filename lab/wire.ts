/** Wire of a simulated API: a loopback listener that keeps the laboratory's time and breaks where it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiFault, PlatformState } from './platform.ts'

/** What a handler may still have to do about the fault of its request. */
export interface WireEnv {
  Bindings: { fault: ApiFault | null }
}

export interface Wire {
  url: string
  requests(): number
  stop(): Promise<void>
}

/** How the vendor says what the laboratory injects; undefined: this request does not meet it (a token request has no session). */
export type FaultDialect = (fault: ApiFault, request: Request) => Response | undefined

/** Under which method and path a request meets faults, where its address alone does not tell what it does (GraphQL). */
export type RequestName = (request: Request) => Promise<{ method: string; path: string }>

type Fetch = (request: Request, env: WireEnv['Bindings']) => Response | Promise<Response>

export async function listen(
  state: PlatformState,
  handle: Fetch,
  dialect: FaultDialect,
  name?: RequestName,
): Promise<Wire> {
  let requests = 0
  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await asked(incoming)
    requests++
    const plain = { method: request.method, path: new URL(request.url).pathname }
    const fault = state.api.next(name ? await name(request) : plain)
    if (fault?.kind === 'hang') return void incoming.socket.destroy()
    const done = (fault && dialect(fault, request)) ?? (await handle(request, { fault }))
    if (fault?.kind === 'lost_reply') return void incoming.socket.destroy()
    const after = fault?.kind === 'error_after' && dialect({ kind: 'error', status: fault.status }, request)
    const reply = after || done
    const body = Buffer.from(await reply.arrayBuffer())
    outgoing.statusCode = reply.status
    reply.headers.forEach((value, header) => outgoing.appendHeader(header, value))
    outgoing.setHeader('date', new Date(state.now()).toUTCString())
    outgoing.setHeader('content-length', body.length)
    if (fault?.kind === 'truncated' && body.length > 1)
      outgoing.write(body.subarray(0, body.length >> 1), () => incoming.socket.destroy())
    else outgoing.end(body)
  }
  return doorOf(serve, () => requests)
}

/** The loopback listener itself: what a request makes fail breaks its connection, and stopping breaks those that are open. */
export async function doorOf(
  serve: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
  requests: () => number,
): Promise<Wire> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => incoming.socket.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

/** The whole request, read before it is answered: a simulated platform is asked in small pieces. */
async function asked(incoming: IncomingMessage): Promise<Request> {
  const body = Buffer.concat((await incoming.toArray()) as Buffer[])
  const headers = new Headers()
  for (let i = 0; i < incoming.rawHeaders.length; i += 2)
    headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!)
  const method = incoming.method ?? 'GET'
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`)
  return new Request(url, { method, headers, ...(body.length > 0 && { body }) })
}

/** A number whose digits reach the reader as they are. */
export class Digits {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** JSON text with exact numbers. */
export function json(value: unknown): string {
  if (value instanceof Digits) return value.text
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => `${JSON.stringify(k)}:${json(v)}`)
      .join(',')}}`
  return JSON.stringify(value ?? null)
}

export function answer(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(json(value), {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
  })
}
