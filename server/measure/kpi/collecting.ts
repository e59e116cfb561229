/** Figures about the collecting itself: how much is read, what fails, what is tried again, and whether the platforms can be believed. */
import type { RunRecord } from '../../store/control/control.ts'
import { counts, means, shares, unknown, type Family, type Figure } from './kpi.ts'
import type { Readings } from './readings.ts'

const NO_RUN = 'No reading has ended in this time.'
const NO_CALLS = 'No platform that is asked over HTTP was read in this time.'
const STALE_MS = 24 * 3_600_000

/** A run of collecting is of `platform/stream`. */
const platformOf = (run: RunRecord) => run.subject.slice(0, run.subject.indexOf('/'))
const stat = (run: RunRecord, name: string): number | null => {
  const value = run.stats[name]
  return typeof value === 'number' ? value : null
}

/** Adds a number of the runs up; a run that did not record it proves nothing. */
function tallied(readings: Readings, name: string, why: string): Figure[] {
  const runs = readings.runs('24 hours').flatMap((run) => {
    const n = stat(run, name)
    return n === null ? [] : [{ name: platformOf(run), n }]
  })
  return runs.length === 0 ? unknown(why) : counts(runs)
}

const shared = { period: '24 hours', split: 'platform', reader: 'integration operations' } as const

export const collecting: Family = {
  title: 'Connectors and collecting',
  kpis: [
    {
      ...shared,
      id: 'throughput',
      answers: [159],
      title: 'Throughput',
      unit: 'count',
      definition: 'Records that were read from the platforms in the last 24 hours, changed or not.',
      better: 'neither',
      read: (readings) => tallied(readings, 'read', NO_RUN),
    },
    {
      ...shared,
      id: 'failure-rate',
      answers: [160],
      title: 'Failure rate',
      unit: 'share',
      definition:
        'Of the readings of a stream that ended in the last 24 hours, the share that failed or was interrupted.',
      better: 'lower',
      read: ({ runs }) =>
        shares(
          runs('24 hours').map((run) => ({ name: platformOf(run), part: run.outcome === 'ok' ? 0 : 1, n: 1 })),
          NO_RUN,
        ),
    },
    {
      ...shared,
      id: 'retry-count',
      answers: [161],
      title: 'Retries',
      unit: 'count',
      definition:
        'Requests to the platforms that were sent again in the last 24 hours because an earlier attempt failed, throttled ones included.',
      better: 'lower',
      read: (readings) => tallied(readings, 'retries', NO_CALLS),
    },
    {
      ...shared,
      id: 'api-throttling',
      answers: [158],
      title: 'Downstream API throttling',
      unit: 'count',
      definition: 'Answers of the platforms in the last 24 hours that refused a request because of their rate limit.',
      better: 'lower',
      read: (readings) => tallied(readings, 'throttles', NO_CALLS),
    },
    {
      ...shared,
      id: 'connector-latency',
      answers: [149],
      title: 'Connector latency',
      unit: 'seconds',
      definition:
        'Mean seconds that a successful reading of one stream took, over those that ended in the last 24 hours.',
      better: 'lower',
      read: ({ runs }) =>
        means(
          runs('24 hours').flatMap((run) =>
            run.outcome === 'ok' && run.finishedAt !== null
              ? [{ name: platformOf(run), seconds: (run.finishedAt - run.startedAt) / 1000, n: 1 }]
              : [],
          ),
          NO_RUN,
        ),
    },
    {
      ...shared,
      id: 'connector-health',
      answers: [169],
      title: 'Connector health',
      unit: 'share',
      definition:
        'Share of the streams that are healthy now: their last reading did not fail, they have not stopped to ask, and they are read completely through some instant of the last 24 hours.',
      period: 'now',
      better: 'higher',
      read: ({ streams, asOf }) =>
        shares(
          streams().map((s) => ({
            name: s.platform,
            part:
              s.lastError === null &&
              s.stopped === null &&
              s.completeThrough !== null &&
              asOf - s.completeThrough <= STALE_MS
                ? 1
                : 0,
            n: 1,
          })),
          'No stream has been read yet.',
        ),
    },
    {
      ...shared,
      id: 'failed-transformations',
      answers: [156],
      title: 'Failed transformations',
      unit: 'count',
      definition: 'Rows that could not be brought into the canonical model and wait in quarantine now.',
      period: 'now',
      better: 'lower',
      read: async ({ unread, platforms }) =>
        counts(
          (await unread()).map((r) => ({ name: r.platform, n: r.n })),
          platforms,
        ),
    },
    {
      ...shared,
      id: 'replay-volume',
      answers: [150],
      title: 'Replay volume',
      unit: 'count',
      definition:
        'Messages that plans asked for again in the last 24 hours and that were accepted, by the platform that they are for.',
      better: 'neither',
      read: ({ replays }) => counts(replays('24 hours')),
    },
  ],
}
