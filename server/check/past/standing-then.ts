/** Standing then: how the collecting stood at an instant, as known then. */
import type { Standing } from '../evidence.ts'
import type { StreamMark } from '../../store/control/marks.ts'

/** Steps of every stream's progress, oldest first. */
export class Progress {
  readonly #marks = new Map<string, StreamMark[]>()

  constructor(marks: readonly StreamMark[]) {
    for (const m of marks) {
      const key = `${m.platform} ${m.stream}`
      const list = this.#marks.get(key)
      if (list) list.push(m)
      else this.#marks.set(key, [m])
    }
  }

  /** The step in force at an instant (epoch ms); null: nobody wrote down how far it had been read. */
  at(platform: string, stream: string, at: number): StreamMark | null {
    const list = this.#marks.get(`${platform} ${stream}`) ?? []
    const i = firstAfter(list, at)
    return i === 0 ? null : list[i - 1]!
  }

  /** When after `at` a stream first was complete through `wanted`; null: never, or it was at `at` already. */
  reaches(platform: string, stream: string, wanted: number, at: number): number | null {
    const known = this.at(platform, stream, at)?.completeThrough ?? null
    if (known !== null && known >= wanted) return null
    const list = this.#marks.get(`${platform} ${stream}`) ?? []
    for (let i = firstAfter(list, at); i < list.length; i++)
      if (list[i]!.completeThrough !== null && list[i]!.completeThrough! >= wanted) return list[i]!.at
    return null
  }
}

function firstAfter(list: readonly StreamMark[], at: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.at <= at) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The standing as it was. Rows in quarantine, contradicting references and learned paces have no history: they count as
 * they are now.
 */
export function standingThen(now: Standing, progress: Progress, at: number): Standing {
  return {
    ...now,
    streams: now.streams.map((s) => {
      const mark = progress.at(s.platform, s.stream, at)
      return { ...s, completeThrough: mark?.completeThrough ?? null, lastSuccessAt: mark?.at ?? null, lastError: null }
    }),
    logs: now.logs.filter((l) => l.since <= at),
  }
}
