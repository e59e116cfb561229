/** Long jobs: how far, how fast, how long still; stopped by a person; told to the open pages without filling what is kept for them. */
import { describe, expect, it } from 'vitest'
import { workView } from '../server/api/works.ts'
import { createLive, type LiveEvent } from '../server/live.ts'
import { createWorks, type Step } from '../server/works.ts'
import { handClock } from './world/clock.ts'

const SPEC = { kind: 'collect', subject: 'crm', unit: 'rows', by: 'u1' } as const
const clock = handClock('2026-11-20T12:00:00.000Z')
const works = createWorks(clock, () => undefined)
const view = () => workView(works.list()[0]!, clock.now(), (id) => (id === 'u1' ? 'Ada' : null))

/** A job that goes on until it is let go. */
function begun(spec = SPEC) {
  let step: Step | undefined
  let end: { resolve(value: string): void; reject(error: Error): void } | undefined
  const result = works.run(spec, (s) => {
    step = s
    return new Promise<string>((resolve, reject) => (end = { resolve, reject }))
  })
  return { result, step: step!, end: end! }
}

describe('a long job', () => {
  it('tells its pace and what is left once that is known, and nothing before', async () => {
    const job = begun()
    expect(view()).toMatchObject({ state: 'running', by: 'Ada', rate: null, remaining_ms: null })
    job.step.at(200, 1000, 'crm/customers')
    clock.set(clock.now() + 4_000)
    expect(view()).toMatchObject({ done: 200, of: 1000, now: 'crm/customers', rate: 50, remaining_ms: 16_000 })
    job.step.at(300, null)
    expect(view()).toMatchObject({ done: 300, of: null, rate: 75, remaining_ms: null })
    job.end.resolve('read')
    expect(await job.result).toBe('read')
    expect(view()).toMatchObject({ state: 'done', now: null, remaining_ms: null })
    expect(() => works.stop(view().id, 'ada')).toThrow('has ended')
  })

  it('is stopped by a person, and says so whatever it threw; a failure says why', async () => {
    const job = begun()
    const { id } = view()
    works.stop(id, 'ada')
    expect([job.step.signal.aborted, job.step.stoppedBy()]).toEqual([true, 'ada'])
    job.end.reject(new Error('torn off'))
    await expect(job.result).rejects.toThrow('torn off')
    expect(view()).toMatchObject({ state: 'stopped', error: null })
    const partly = begun()
    partly.step.failed('crm could not be read.')
    partly.end.resolve('the others were')
    await partly.result
    expect(view()).toMatchObject({ state: 'failed', error: 'crm could not be read.' })
    expect(() => works.stop('999', 'ada')).toThrow('There is no job 999.')
  })

  it('passes by the open pages: who missed it asks how the jobs stand, and misses nothing else', () => {
    const live = createLive()
    const heard: LiveEvent[] = []
    live.subscribe((event) => void heard.push(event))
    live.publish({ type: 'issue', at: '', number: 1 })
    for (let n = 0; n < 600; n++) live.publish({ type: 'work', at: '', id: '1', state: 'running' })
    live.publish({ type: 'issue', at: '', number: 2 })
    expect(heard).toHaveLength(602)
    expect(live.since(1)).toEqual([{ event: { type: 'issue', at: '', number: 2 }, id: 2 }])
  })
})
