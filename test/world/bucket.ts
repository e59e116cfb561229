/** A bucket on a loopback port: lists, pieces and refusals as S3 gives them, every signature checked against the request as it came. */
import { createHash, createHmac } from 'node:crypto'
import type { ApiFault, RunningSimulator, Simulator } from '../../lab/platform.ts'
import { listen } from '../../lab/wire.ts'

export const BUCKET_KEYS = { access_key_id: 'LABKEY', secret_access_key: 'lab-bucket-secret-access-key' }
export const BUCKET = 'drops'

export interface Bucket extends Simulator {
  put(key: string, content: string | Uint8Array, at: number): void
  drop(key: string): void
  /** Keys that one page of a list has at most. */
  most: number
  /** Called before a piece is served. */
  onPiece: (key: string, range: string) => void
}

interface Stored {
  bytes: Buffer
  etag: string
  at: number
}

export function bucket(config: Record<string, unknown>): Bucket {
  const objects = new Map<string, Stored>()
  const made: Bucket = {
    vendor: 'files',
    role: 'erp',
    kinds: [],
    holds: () => [],
    id: (_, n) => String(n),
    most: 1000,
    onPiece: () => {},
    put(key, content, at) {
      const bytes = Buffer.from(content)
      objects.set(key, { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"`, at })
    },
    drop: (key) => void objects.delete(key),
    async start(state): Promise<RunningSimulator> {
      const wire = await listen(state, (request) => answer(request, state.now()), faulty)
      return {
        url: wire.url,
        platformConfig: {
          connector: 'files',
          config: {
            folder: `s3://${BUCKET}/exports/erp & co`,
            s3: { endpoint: wire.url, region: 'eu-central-1', ...BUCKET_KEYS },
            ...config,
          },
        },
        referenceMaps: {},
        requests: wire.requests,
        stop: wire.stop,
      }
    },
  }

  function answer(request: Request, now: number): Response {
    const refusal = refused(request, now)
    if (refusal !== null) return fault(403, refusal, 'The request is refused.')
    const url = new URL(request.url)
    const [, name, ...rest] = url.pathname.split('/')
    if (name !== BUCKET) return fault(404, 'NoSuchBucket', 'The specified bucket does not exist')
    const key = rest.map(decodeURIComponent).join('/')
    return key === '' ? list(url.searchParams) : piece(key, request)
  }

  function list(query: URLSearchParams): Response {
    const prefix = query.get('prefix') ?? ''
    const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString()
    const keys = [...objects.keys()].filter((k) => k.startsWith(prefix) && k > after).sort()
    const direct = keys.filter((k) => !k.slice(prefix.length).includes('/'))
    const page = direct.slice(0, Math.min(made.most, Number(query.get('max-keys'))))
    const more = page.length < direct.length
    const contents = page.map((key) => {
      const { bytes, etag, at } = objects.get(key)!
      const shown = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+')
      return `<Contents><Key>${shown}</Key><LastModified>${new Date(at).toISOString()}</LastModified><ETag>${etag.replaceAll('"', '&quot;')}</ETag><Size>${bytes.length}</Size></Contents>`
    })
    const token = more
      ? `<NextContinuationToken>${Buffer.from(page.at(-1)!).toString('base64url')}</NextContinuationToken>`
      : ''
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`
    return new Response(text, { headers: { 'content-type': 'application/xml' } })
  }

  function piece(key: string, request: Request): Response {
    const range = request.headers.get('range') ?? ''
    made.onPiece(key, range)
    const object = objects.get(key)
    if (!object) return fault(404, 'NoSuchKey', 'The specified key does not exist.')
    const wanted = request.headers.get('if-match')
    if (wanted !== null && wanted !== object.etag)
      return fault(412, 'PreconditionFailed', 'At least one of the preconditions you specified did not hold.')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
    const bytes = object.bytes.subarray(Number(from), Number(to) + 1)
    return new Response(new Uint8Array(bytes), { status: 206, headers: { etag: object.etag } })
  }
  return made
}

function faulty(met: ApiFault): Response | undefined {
  if (met.kind === 'throttle') return fault(503, 'SlowDown', 'Please reduce your request rate.')
  if (met.kind === 'error')
    return fault(met.status, 'InternalError', 'We encountered an internal error. Please try again.')
  return undefined
}

function fault(status: number, code: string, message: string): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return new Response(text, { status, headers: { 'content-type': 'application/xml' } })
}

/** The code of the refusal; null: the request is signed as it should be. Works from the query as it was sent. */
function refused(request: Request, now: number): string | null {
  const said =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id, day, region, signed, signature] = said.exec(request.headers.get('authorization') ?? '') ?? []
  if (id === undefined) return 'AccessDenied'
  if (id !== BUCKET_KEYS.access_key_id) return 'InvalidAccessKeyId'
  const stamp = request.headers.get('x-amz-date') ?? ''
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(now - at) < 900_000)) return 'RequestTimeTooSkewed'
  const url = new URL(request.url)
  const query = url.search.slice(1).split('&').filter(Boolean).sort()
  const names = signed!.split(';')
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((n) => names.includes(n))) return 'AccessDenied'
  const lines = names.map((n) => `${n}:${n === 'host' ? url.host : request.headers.get(n)}`)
  const canonical = `${request.method}\n${url.pathname}\n${query.map((q) => (q.includes('=') ? q : `${q}=`)).join('&')}\n${lines.join('\n')}\n\n${signed}\n${request.headers.get('x-amz-content-sha256')}`
  let key = Buffer.from(`AWS4${BUCKET_KEYS.secret_access_key}`)
  for (const part of [day!, region!, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  const hash = createHash('sha256').update(canonical).digest('hex')
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${day}/${region}/s3/aws4_request\n${hash}`
  return createHmac('sha256', key).update(text).digest('hex') === signature ? null : 'SignatureDoesNotMatch'
}
