/** The bus: the middleware that carries changes from platform to platform, and its log of what became of each. */
import type { RecordedEvent } from '../../model/event.ts'
import type { Leg, Stop } from './leg.ts'
import type { Thing } from './thing.ts'

export const BUS = 'middleware'

/** One change on its way into one platform. */
interface Carried {
  thread: string
  thing: Thing
  from: string | null
  to: string
  sentAt: number
  /** When it arrived; null: it is still under way or lost. */
  answeredAt: number | null
  stops: Stop | null
  /** What was put on the way. */
  values: Record<string, string>
  fields: readonly string[]
  /** Where only a part was written: that part. */
  written: readonly string[] | null
}

const REFUSALS = ['field is read only', 'record is locked by another process', 'validation rule failed']

export class Bus {
  readonly #carried: Carried[] = []
  #threads = 0

  /** A number for everything that one change sends out. */
  thread(): string {
    this.#threads += 1
    return `chg-${String(this.#threads).padStart(7, '0')}`
  }

  /** @param planned as it was put on the way; `leg` as it arrived, at `at` */
  carry(thread: string, thing: Thing, planned: Leg, leg: Leg, at: number, held: (field: string) => boolean): void {
    const fields = Object.keys(planned.values).filter(held)
    const values: Record<string, string> = {}
    for (const field of fields) {
      const value = planned.values[field]
      // Ids differ from platform to platform: references travel by name alone.
      if (typeof value === 'string') values[field] = value
    }
    if (planned.state !== undefined && planned.state !== null) {
      values.state = planned.state
      fields.push('state')
    }
    const part = Object.keys(leg.values).filter(held)
    if (leg.state !== undefined && leg.state !== null) part.push('state')
    this.#carried.push({
      thread,
      thing,
      from: planned.from ?? null,
      to: planned.platform,
      sentAt: Math.min(planned.sentAt ?? at, at),
      answeredAt: leg.stops === 'sent' ? null : at,
      stops: leg.stops ?? null,
      values,
      fields,
      written: part.length < fields.length ? part : null,
    })
  }

  /** A change that was stuck on its way arrives after all. */
  resume(thing: Thing, to: string, at: number): void {
    const stuck = this.#carried.findLast((c) => c.thing === thing && c.to === to && c.stops === 'sent')
    if (stuck) Object.assign(stuck, { stops: null, answeredAt: at })
  }

  /** What the log says of the time after `from`, through `through`, in order of time. */
  *events(from: number, through: number): Generator<RecordedEvent> {
    const found: RecordedEvent[] = []
    const within = (at: number | null): at is number => at !== null && at > from && at <= through
    for (const c of this.#carried) {
      if (within(c.sentAt)) found.push(this.#event(c, 'sent', c.sentAt, { fields: c.fields, values: c.values }))
      if (!within(c.answeredAt)) continue
      if (c.stops === 'rejected') found.push(this.#event(c, 'rejected', c.answeredAt, {}))
      else found.push(this.#event(c, 'acknowledged', c.answeredAt, {}))
      if (c.stops === null) found.push(this.#event(c, 'applied', c.answeredAt, c.written ? { fields: c.written } : {}))
    }
    yield* found.sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
  }

  #event(c: Carried, type: RecordedEvent['type'], at: number, detail: RecordedEvent['detail']): RecordedEvent {
    const source = c.from === null ? undefined : c.thing.on.get(c.from)
    return {
      id: `${c.thread}/${c.to}/${type}`,
      at: new Date(at).toISOString(),
      type,
      reported_by: BUS,
      from_platform: c.from,
      to_platform: c.to,
      kind: c.thing.kind,
      record_id: source?.id ?? c.thing.on.get(c.to)?.id ?? null,
      number: null,
      correlation_id: c.thread,
      trace_id: null,
      message: type === 'rejected' ? REFUSALS[c.thing.n % REFUSALS.length]! : null,
      actor: null,
      release: null,
      detail,
    }
  }
}
