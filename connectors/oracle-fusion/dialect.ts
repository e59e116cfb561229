/** How Fusion says that something went wrong: a title with details, or a plain sentence. */
import type { ErrorReader, HttpReply } from '../contract.ts'
import { asEntity } from '../odata.ts'

export function reasonOf(reply: HttpReply): string {
  const plain = reply.text.trim().replace(/\s+/g, ' ')
  try {
    const body = asEntity(reply.json())
    const [detail] = (body?.['o:errorDetails'] as unknown[] | undefined) ?? []
    const said = asEntity(detail)?.['detail'] ?? body?.['detail'] ?? body?.['title']
    const code = asEntity(detail)?.['o:errorCode'] ?? body?.['o:errorCode']
    if (typeof said !== 'string' || said === '') return `status ${reply.status}`
    return `${said.slice(0, 300)}${typeof code === 'string' && code !== '' ? ` [${code.slice(0, 60)}]` : ''}`
  } catch {
    // An answer without JSON is a sentence or the page of a gateway.
    return plain === '' || plain.startsWith('<') ? `status ${reply.status}` : plain.slice(0, 300)
  }
}

export const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const message = reasonOf(reply)
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401 || reply.status === 403) return { code: 'auth', message }
  if (reply.status === 404) return { code: 'not_found', message }
  if (reply.status === 409 || reply.status === 412) return { code: 'conflict', message }
  if (reply.status >= 500 || reply.status === 408) return { code: 'upstream', message }
  return { code: 'schema', message }
}
