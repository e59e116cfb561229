/** The one call that goes to ourselves: from the command line to the server that holds the data folder. */
import { request } from 'node:http'
import { PlumblineError } from '../errors.ts'

export interface LocalServer {
  url: string
  /** Bearer token that only who can read the data folder knows. */
  token: string
}

export interface LocalRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  json?: unknown
  /** Called with each piece of the answer instead of collecting it. */
  onChunk?: (piece: Buffer) => void
  /** Cookie of a person who signed in: sent instead of the token, for what only a person may do. '' to sign in. */
  cookie?: string
  /** Called with the cookie that the server sets. */
  onCookie?: (cookie: string) => void
}

/** @throws PlumblineError with the server's own words. */
export function localRequest(
  server: LocalServer,
  { method, path, json, onChunk, cookie, onCookie }: LocalRequest,
): Promise<string> {
  const body = json === undefined ? undefined : JSON.stringify(json)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, server.url),
      {
        method,
        headers: {
          ...(cookie === undefined
            ? { authorization: `Bearer ${server.token}` }
            : { cookie, 'sec-fetch-site': 'same-origin', 'x-requested-by': 'plumbline' }),
          ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (reply) => {
        const ok = (reply.statusCode ?? 500) < 300
        const set = reply.headers['set-cookie']?.[0]?.split(';')[0]
        if (set) onCookie?.(set)
        const pieces: Buffer[] = []
        reply.on('data', (piece: Buffer) => (ok && onChunk ? onChunk(piece) : void pieces.push(piece)))
        reply.on('error', reject)
        reply.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8')
          if (ok) resolve(text)
          else reject(problem(text, reply.statusCode ?? 500))
        })
      },
    )
    outgoing.on('error', (cause) =>
      reject(
        new PlumblineError('upstream', `The running server at ${server.url} does not answer.`, {
          cause,
          remedy: 'Look at its log; if it is gone, run the command again.',
        }),
      ),
    )
    outgoing.end(body)
  })
}

/** The server answers problems as application/problem+json. */
function problem(text: string, status: number): PlumblineError {
  try {
    const { title, detail, code, remedy } = JSON.parse(text) as {
      title?: string
      detail?: string
      code?: string
      remedy?: string
    }
    const known = code === 'config' || code === 'conflict' || code === 'not_found' ? code : 'upstream'
    return new PlumblineError(known, detail ?? title ?? `The running server answered ${status}.`, {
      status,
      ...(remedy && { remedy }),
    })
  } catch {
    return new PlumblineError('upstream', `The running server answered ${status}.`, { status })
  }
}
