/** Contract changes: what a reading showed of its source's shape is remembered, with the checks and maps it touches. */
import type { Stream } from '../../connectors/contract.ts'
import { kindOf } from '../../model/kinds.ts'
import type { Context } from '../context.ts'
import { keepShape, keepVolume, shapeOf, volumeOf, type ShapeChange } from '../store/control/shapes.ts'
import { SHAPE, VOLUME_WEEKS } from './limits.ts'
import { ended, type ShapeObserver } from './shape.ts'

/** Merges what was seen into the stream's shape and writes down what became different. */
export function rememberShape(
  ctx: Pick<Context, 'control' | 'clock' | 'checks' | 'config'>,
  platform: string,
  stream: Pick<Stream<never>, 'name' | 'kind'>,
  observer: ShapeObserver,
  read: ReadonlySet<string> | null,
): void {
  if (observer.rows === 0 && !observer.hasHeader) return
  const now = ctx.clock.now()
  const { shape, found } = observer.merged(shapeOf(ctx.control, platform, stream.name), now)
  if (read)
    for (const [path, field] of Object.entries(shape.fields))
      field.read = [...read].some((r) => path === r || path.startsWith(`${r}.`)) || (field.read ?? false)
  for (const change of shape.changes) if (change.backAt === null && ended(shape, change)) change.backAt = now
  for (const one of found) {
    const field = shape.fields[one.path]
    shape.changes.push({
      ...one,
      at: now,
      backAt: null,
      read: field?.read ?? null,
      ...touched(ctx, platform, stream.kind, one.path),
    })
  }
  // What is new and has stayed is how it is.
  shape.changes = shape.changes.slice(-SHAPE.changesMax)
  keepShape(ctx.control, platform, stream.name, shape)
}

const HOUR = 3_600_000

/** Adds what a reading of changes brought to the stream's hours. */
export function countVolume(
  ctx: Pick<Context, 'control' | 'clock'>,
  platform: string,
  stream: string,
  changes: number,
): void {
  const hour = Math.floor(ctx.clock.now() / HOUR)
  const volume = volumeOf(ctx.control, platform, stream) ?? { since: hour + 1, hours: {} }
  const fresh = Object.keys(volume.hours).length === 0 && changes === 0 && volume.since <= hour
  if (changes > 0) volume.hours[hour] = (volume.hours[hour] ?? 0) + changes
  const oldest = hour - VOLUME_WEEKS * 7 * 24
  for (const key of Object.keys(volume.hours)) if (Number(key) < oldest) delete volume.hours[key]
  volume.since = Math.max(volume.since, oldest)
  if (!fresh) keepVolume(ctx.control, platform, stream, volume)
}

/** Canonical fields that a raw field feeds, checks that look at them, maps that they go through. */
export function touched(
  { checks, config }: Pick<Context, 'checks' | 'config'>,
  platform: string,
  kind: string,
  path: string,
): Pick<ShapeChange, 'fields' | 'checks' | 'maps'> {
  const own = config.platforms[platform]?.mapping?.[kind]?.fields ?? {}
  const mapped = Object.entries(own).filter(([, m]) => {
    const from = typeof m === 'string' ? m : m.from
    return from !== undefined && (from === path || path.startsWith(`${from}.`))
  })
  const name = path.replace(/__c$/, '').toLowerCase()
  const same = kindOf(kind).fields.filter((f) => f.name === name || f.name.replaceAll('.', '_') === name)
  // A status word may lie in an object of further fields.
  const status = /(^|\.)(status|state)$/.test(name) && kindOf(kind).states.length > 0
  const states = status ? ['state'] : []
  const fields = [
    ...new Set([...mapped.map(([to]) => (to === 'status' ? 'state' : to)), ...same.map((f) => f.name), ...states]),
  ]
  const maps = config.platforms[platform]?.maps ?? {}
  const named = [
    ...mapped.flatMap(([, m]) => (typeof m === 'object' && m.map ? [m.map] : [])),
    ...fields.flatMap((f) => maps[`${kind}.${f}`] ?? []),
  ]
  return {
    fields,
    checks: checks.filter((c) => fields.some((f) => looksAt(c.params, kind, f))).map((c) => c.id),
    maps: [...new Set(named)],
  }
}

/** By the words of its parameters: the kind is named, and the field, its group or everything. */
function looksAt(params: unknown, kind: string, field: string): boolean {
  const words = new Set<string>()
  gather(params, words)
  if (!words.has(kind)) return false
  const group = kindOf(kind).fields.find((f) => f.name === field)?.group
  return [field, `${group}.*`, `${field.split('.')[0]}.*`, '*'].some((word) => words.has(word))
}

function gather(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') into.add(value)
  else if (Array.isArray(value)) for (const one of value) gather(one, into)
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) {
      into.add(key)
      gather(one, into)
    }
}
