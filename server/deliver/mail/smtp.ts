/** Mail over SMTP: pooled connections, TLS, DKIM, and what the server's codes mean. */
import nodemailer from 'nodemailer'
import type { ChannelOf } from '../../config/channels-schema.ts'
import { asError, PlumblineError } from '../../errors.ts'
import { oneLine, type Attempt, type Door, type DoorContext } from '../door.ts'
import { composeMail } from './compose.ts'

const CONNECT_MS = 15_000
/** What the signature covers: without List-Unsubscribe-Post among them, no one-click (RFC 8058). */
const SIGNED =
  'From:Subject:Date:Message-ID:To:MIME-Version:Content-Type:Content-Transfer-Encoding:In-Reply-To:References:' +
  'Auto-Submitted:List-Id:List-Unsubscribe:List-Unsubscribe-Post'

/** Longest silence of a server in the middle of a mail. */
const SOCKET_MS = 30_000

export function openMail(config: ChannelOf<'mail'>, ctx: DoorContext): Door {
  const { dkim } = config
  const transport = nodemailer.createTransport({
    pool: true,
    host: config.host,
    port: config.port,
    secure: config.tls === 'implicit' || config.port === 465,
    requireTLS: config.tls === 'required' && config.port !== 465,
    opportunisticTLS: config.tls === 'optional',
    maxConnections: 1,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(config.user !== undefined && { auth: { user: config.user, pass: config.password?.reveal() ?? '' } }),
    ...(dkim && {
      dkim: {
        domainName: dkim.domain,
        keySelector: dkim.selector,
        privateKey: dkim.key.reveal(),
        headerFieldNames: SIGNED,
      },
    }),
  })
  return {
    async send(row) {
      try {
        const info = await transport.sendMail(composeMail(row, config.from, ctx))
        if (info.rejected.length > 0) return { outcome: 'never', status: 550, answer: oneLine(info.response) }
        return { outcome: 'sent', status: codeOf(info.response), answer: oneLine(info.response) }
      } catch (thrown) {
        return refusal(thrown)
      }
    },
    close: () => transport.close(),
  }
}

const codeOf = (response: string) => Number(/^\d{3}/.exec(response)?.[0] ?? Number.NaN) || null

/** 4xx and a broken line may pass, 5xx stays. A wrong password is somebody's to mend: it is tried again meanwhile. */
export function refusal(thrown: unknown): Attempt {
  if (thrown instanceof PlumblineError) return { outcome: 'never', status: null, answer: oneLine(thrown.message) }
  const error = thrown as Error & { code?: string; responseCode?: number; response?: string }
  const status = error.responseCode ?? null
  const answer = oneLine(error.response ?? asError(thrown).message)
  if (error.code === 'EAUTH' || error.code === 'ETLS') return { outcome: 'later', status, answer }
  if (error.code === 'EENVELOPE' && status === null) return { outcome: 'never', status, answer }
  if (status !== null && status >= 500) return { outcome: 'never', status, answer }
  return { outcome: 'later', status, answer: answer || (error.code ?? 'no answer') }
}
