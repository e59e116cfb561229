/** The PostgreSQL wire protocol up to the first query: greeting, password, refusals; then messages go to the engine as they are. */

/** Messages of the client: a type (none for the first), and what follows its length. */
export interface ClientMessage {
  type: string
  body: Buffer
  whole: Buffer
}

const SSL_REQUEST = 80_877_103

/** Cuts a stream of bytes into messages. */
export function createReader(): { push(chunk: Buffer): void; next(first: boolean): ClientMessage | null } {
  let rest: Buffer = Buffer.alloc(0)
  return {
    push: (chunk) => void (rest = Buffer.concat([rest, chunk])),
    next(first) {
      const head = first ? 0 : 1
      if (rest.length < head + 4) return null
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return null
      const whole = rest.subarray(0, length)
      rest = rest.subarray(length)
      return { type: first ? '' : String.fromCharCode(whole[0]!), body: whole.subarray(head + 4), whole }
    },
  }
}

export const asksForTls = ({ body }: ClientMessage): boolean => body.readInt32BE(0) === SSL_REQUEST

export function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const int = (n: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(n)
  return bytes
}
const text = (...parts: string[]): Buffer => Buffer.from(`${parts.join('\0')}\0`)

export const PASSWORD_WANTED = message('R', int(3))

export const WELCOME = Buffer.concat([
  message('R', int(0)),
  message('S', text('server_version', '18.0')),
  message('S', text('client_encoding', 'UTF8')),
  message('K', Buffer.concat([int(1), int(1)])),
  message('Z', Buffer.from('I')),
])

export function refusal(code: string, words: string): Buffer {
  return message(
    'E',
    Buffer.concat([text('SFATAL'), text('VFATAL'), text(`C${code}`), text(`M${words}`), Buffer.from([0])]),
  )
}

/** The engine's answer ends a transaction. */
export const isIdle = (answer: Buffer): boolean => answer.length >= 6 && answer.at(-6) === 90 && answer.at(-1) === 73
