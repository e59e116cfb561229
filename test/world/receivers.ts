/** Receivers for tests: a real SMTP server and real HTTP servers on loopback, which do as they are told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface Mailbox {
  port: number
  /** Everything that was accepted, in the order of arrival. */
  mails: { to: string[]; raw: Buffer }[]
  read(): Promise<Email[]>
  /** What the server does with the next mails; `accept` until told otherwise. */
  mood: 'accept' | 'busy' | 'refuse' | 'lost'
  close(): Promise<void>
}

/** `lost`: takes the mail and breaks the line before it says so. */
export async function mailbox(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const box: Mailbox = {
    port: 0,
    mails: [],
    mood: 'accept',
    read: () => Promise.all(box.mails.map(({ raw }) => PostalMime.parse(raw))),
    close: () => new Promise((done) => server.close(() => done())),
  }
  const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code })
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(_, __, callback) {
      if (box.mood === 'busy') return callback(refusal(450, '4.7.1 Greylisted, come back later'))
      if (box.mood === 'refuse') return callback(refusal(550, '5.1.1 There is nobody of that name'))
      callback()
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        box.mails.push({ to: session.envelope.rcptTo.map((r) => r.address), raw: Buffer.concat(chunks) })
        if (box.mood === 'lost') return callback(refusal(421, '4.3.2 Shutting down'))
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  box.port = (server.server.address() as AddressInfo).port
  return box
}

export interface Receiver {
  url: string
  taken: { path: string; method: string; headers: IncomingMessage['headers']; body: string }[]
  /** Answers one request; 204 until told otherwise. */
  answer: (taken: Receiver['taken'][number], response: ServerResponse) => void
  server: Server
  close(): Promise<void>
}

export async function receiver(): Promise<Receiver> {
  const it: Receiver = {
    url: '',
    taken: [],
    answer: (_, response) => void response.writeHead(204).end(),
    server: createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const taken = {
          path: request.url ?? '',
          method: request.method ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }
        it.taken.push(taken)
        it.answer(taken, response)
      })
    }),
    async close() {
      it.server.closeAllConnections()
      await new Promise<void>((done) => it.server.close(() => done()))
    },
  }
  await new Promise<void>((ready) => it.server.listen(0, '127.0.0.1', ready))
  it.url = `http://127.0.0.1:${(it.server.address() as AddressInfo).port}`
  return it
}
