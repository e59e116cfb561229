/**
 * Job runs: what run logs of middleware say, as deliveries. A job is a recipe, process or application that carries records of
 * one kind from one platform to another; which those are only the configuration knows. Run logs name the record in a title, a
 * tracked field or a log line: a template reads it from there.
 */
import { z } from 'zod'
import type { RawRow } from './contract.ts'
import { rowOf } from './event-rules.ts'

const PLACES = ['record_id', 'number', 'correlation_id', 'attempt', '*'] as const
const PLACE = /\{(record_id|number|correlation_id|attempt|\*)\}/

const template = z
  .string()
  .max(300)
  .refine((text) => PLACE.test(text), `name what to read: ${PLACES.map((p) => `{${p}}`).join(', ')}`)

export const jobsSchema = z
  .record(
    z.string(),
    z.strictObject({
      from: z.string().optional().describe('Configured platform that the records come from.'),
      to: z.string().describe('Configured platform that they go to.'),
      kind: z.string().describe('Canonical kind of the records.'),
      read: z
        .array(template)
        .default([])
        .describe(
          'How the log writes a record, the first that fits: `Order {number} for {*}`. Places: record_id, number, correlation_id, attempt, and * for anything.',
        ),
      fields: z.array(z.string()).optional().describe('Canonical fields that travel; left out: any may.'),
    }),
  )
  .default({})
  .describe('Id or name of a job → what it carries. Jobs that are not named are counted and otherwise passed over.')
export type Jobs = z.output<typeof jobsSchema>

export interface JobRun {
  id: string
  /** Id and name of the job; either may be configured. */
  job: string
  name: string
  /** Title, message or log line that may name the record. */
  texts: readonly string[]
  startedAt: string
  /** Null while it runs. */
  endedAt: string | null
  /** Null: it does not say yet. */
  failed: boolean | null
  error: string | null
  /** Run that this one repeats. */
  repeats?: string | null
  attempt?: number | null
  correlationId?: string | null
  /** Reference to what it carried: an address or an id in the middleware's own screens. */
  payload?: string | null
  /** Whatever else is kept. */
  detail?: Record<string, unknown>
}

export function jobOf(jobs: Jobs, { job, name }: Pick<JobRun, 'job' | 'name'>): Jobs[string] | undefined {
  return Object.hasOwn(jobs, job) ? jobs[job] : Object.hasOwn(jobs, name) ? jobs[name] : undefined
}

/** What the template reads; null where the text is another one. Literal pieces are looked for from left to right, once. */
export function readTemplate(written: string, text: string): Record<string, string> | null {
  const found: Record<string, string> = {}
  const pieces = written.split(PLACE)
  if (!text.startsWith(pieces[0]!)) return null
  let at = pieces[0]!.length
  for (let i = 1; i < pieces.length; i += 2) {
    const literal = pieces[i + 1]!
    const end = literal === '' ? text.length : text.indexOf(literal, at)
    if (end < 0) return null
    const value = text.slice(at, end).trim()
    if (value === '') return null
    if (pieces[i] !== '*') found[pieces[i]!] = value.slice(0, 500)
    at = end + literal.length
  }
  return at === text.length ? found : null
}

/** The deliveries of a run: put on the way when it began, answered when it ended. Empty for a run that names no record. */
export function deliveriesOf(job: Jobs[string], run: JobRun): RawRow[] {
  const read = job.read
    .flatMap((written) => run.texts.map((text) => readTemplate(written, text.slice(0, 2_000))))
    .find((found) => found !== null)
  const { record_id, number } = read ?? {}
  const attempt = run.attempt ?? (read?.['attempt'] === undefined ? null : Number(read['attempt']))
  const common = {
    ...(job.from !== undefined && { from_platform: job.from }),
    to_platform: job.to,
    kind: job.kind,
    ...(record_id !== undefined && { record_id }),
    ...(number !== undefined && { number }),
    // Attempts of one run belong together, even where nothing else does.
    correlation_id: run.correlationId ?? read?.['correlation_id'] ?? run.repeats ?? run.id,
  }
  const detail = {
    job: run.name,
    run: run.id,
    ...(run.repeats && { repeats: run.repeats }),
    ...(attempt !== null && Number.isInteger(attempt) && { attempt }),
    ...(run.payload && { payload: run.payload }),
    ...(job.fields && { fields: job.fields }),
    ...run.detail,
  }
  const rows = [rowOf({ id: `${run.id}/sent`, type: 'sent', at: run.startedAt, ...common, detail })]
  if (run.endedAt === null || run.failed === null) return rows
  const type = run.failed ? 'rejected' : 'acknowledged'
  const message = run.failed ? (run.error ?? 'the run failed').slice(0, 500) : null
  rows.push(rowOf({ id: `${run.id}/${type}`, type, at: run.endedAt, ...common, message, detail }))
  return rows
}
