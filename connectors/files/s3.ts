/** Files in S3 and stores like it, as if they lay in a folder: listed under a prefix, read in pieces of one unchanged object. */
import type { ConnectorContext, ConnectorFiles, ErrorReader } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { MAX_PAGES } from '../paging.ts'
import type { FilesConfig } from './config.ts'
import { percent } from './s3-signature.ts'

/** Bytes asked for at a time. */
export const PIECE = 8 * 1024 * 1024
/** Largest object that is read at once (Parquet), bytes. */
const WHOLE_MAX = 1024 * 1024 * 1024

export interface Bucket {
  bucket: string
  /** Ends with a slash, or is empty. */
  prefix: string
}

/** `s3://bucket/some/prefix`; null for a folder of this machine. */
export function bucketOf(folder: string): Bucket | null {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(folder) ?? []
  if (bucket === undefined) return null
  const prefix = path.replace(/\/+$/, '')
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` }
}

/** Address of the bucket: its own host at AWS, a path below the endpoint elsewhere unless the settings say otherwise. */
export function addressOf({ folder, s3 }: Pick<FilesConfig, 'folder' | 's3'>): string | null {
  const place = bucketOf(folder)
  if (!place || !s3) return null
  const endpoint = new URL(s3.endpoint ?? `https://s3.${s3.region}.amazonaws.com`)
  const byPath = s3.path_style ?? s3.endpoint !== undefined
  if (!byPath) endpoint.hostname = `${place.bucket}.${endpoint.hostname}`
  const base = endpoint.href.replace(/\/+$/, '')
  return byPath ? `${base}/${place.bucket}` : base
}

type Ctx = ConnectorContext<FilesConfig>
type Listed = Awaited<ReturnType<ConnectorFiles['list']>>[number]

/** The files that a context works with: those of a bucket where its folder is one. One for each read: it knows what it listed. */
export function filesOf<C extends Ctx>(ctx: C): C {
  const place = bucketOf(ctx.config.folder)
  return place ? { ...ctx, files: s3Files(ctx, place) } : ctx
}

function s3Files(ctx: Ctx, { bucket, prefix }: Bucket): ConnectorFiles {
  const known = new Map<string, Listed>()

  async function* pieces(path: string): AsyncGenerator<Uint8Array> {
    const { size, name, etag } = known.get(path)!
    for (let from = 0; from < size; from += PIECE) {
      const to = Math.min(size, from + PIECE) - 1
      const reply = await ctx.http.request({
        url: `/${keyPath(prefix + name)}`,
        headers: { range: `bytes=${from}-${to}`, 'accept-encoding': 'identity', ...(etag && { 'if-match': etag }) },
        bytes: true,
        accept: [404, 412, 416],
      })
      if (reply.status >= 400) throw new ConnectorError('upstream', `${name} was replaced while it was read.`)
      if (reply.headers['content-encoding'])
        throw new ConnectorError('schema', `${name} is stored packed (${reply.headers['content-encoding']}).`, {
          file: name,
          remedy: 'Upload it unpacked: pieces of a packed object cannot be read.',
        })
      // A store that ignores ranges sends the whole object: that is the last piece then.
      const whole = reply.status === 200
      const got = reply.bytes ?? new Uint8Array()
      if (got.length !== (whole ? size : to - from + 1))
        throw new ConnectorError(
          'upstream',
          `${name} came with ${got.length} bytes where ${to - from + 1} were asked for.`,
        )
      yield got
      if (whole) return
    }
  }

  return {
    async list() {
      const files: Listed[] = []
      let token: string | null = null
      for (let page = 0; page < MAX_PAGES; page++) {
        const query = { 'list-type': '2', prefix, delimiter: '/', 'encoding-type': 'url', 'max-keys': '1000' }
        const asked = Object.entries({ ...query, ...(token !== null && { 'continuation-token': token }) })
        const url = `/?${asked.map(([k, v]) => `${k}=${percent(v)}`).join('&')}`
        const { text } = await ctx.http.request({ url, headers: { accept: 'application/xml' } })
        files.push(...entries(text, bucket, prefix))
        const next = element(text, 'IsTruncated') === 'true' ? element(text, 'NextContinuationToken') : null
        if (next === null) break
        if (next === token) throw new ConnectorError('schema', 'The list of the bucket names the same next page twice.')
        token = next
      }
      for (const file of files) known.set(file.path, file)
      return files.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async read(path) {
      const { size, name } = known.get(path)!
      if (size > WHOLE_MAX)
        throw new ConnectorError('schema', `${name} has ${size} bytes; at most ${WHOLE_MAX} are read at once.`, {
          file: name,
          remedy: 'Split it into several files, or deliver CSV or NDJSON.',
        })
      const whole = new Uint8Array(size)
      let at = 0
      for await (const piece of pieces(path)) {
        whole.set(piece, at)
        at += piece.length
      }
      return whole
    },
    stream: pieces,
  }
}

const keyPath = (key: string): string => key.split('/').map(percent).join('/')

/** Objects directly below the prefix; the object that stands for the folder itself is none. */
function* entries(xml: string, bucket: string, prefix: string): Generator<Listed> {
  if (!/<ListBucketResult[\s>]/.test(xml))
    throw new ConnectorError('schema', 'The answer is no list of a bucket.', {
      remedy: 'Check s3.endpoint: it is the address of the store, without the bucket.',
    })
  for (const [, object] of xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
    const key = decodeURIComponent((element(object!, 'Key') ?? '').replaceAll('+', ' '))
    const name = key.slice(prefix.length)
    const modifiedAt = Date.parse(element(object!, 'LastModified') ?? '')
    if (!key.startsWith(prefix) || name === '' || name.includes('/') || !Number.isFinite(modifiedAt)) continue
    const etag = element(object!, 'ETag')
    const size = Number(element(object!, 'Size'))
    yield { name, path: `s3://${bucket}/${key}`, size, modifiedAt, ...(etag !== null && { etag }) }
  }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function element(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  if (text === undefined) return null
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, word?: string) =>
    word ? (ENTITIES[word] ?? whole) : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex!, 16)),
  )
}

const REFUSED = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'AuthorizationHeaderMalformed',
])
const MISPLACED = new Set(['PermanentRedirect', 'TemporaryRedirect', 'NoSuchBucket', 'InvalidBucketName'])

/** What a store says in the code of its XML. */
export const errors: ErrorReader = ({ status, text }) => {
  if (status < 300) return undefined
  const code = element(text, 'Code')
  if (code === null) return undefined
  const message = `${code}: ${element(text, 'Message') ?? 'no reason given'}`
  if (REFUSED.has(code)) return { code: 'auth', message }
  if (code === 'RequestTimeTooSkewed') return { code: 'auth', message: `${message} The clock of this machine is off.` }
  if (code === 'SlowDown' || code === 'RequestLimitExceeded') return { code: 'rate_limited', message }
  if (MISPLACED.has(code)) return { code: 'schema', message: `${message} Check the bucket and s3.region.` }
  if (code === 'NoSuchKey') return { code: 'not_found', message }
  return undefined
}
