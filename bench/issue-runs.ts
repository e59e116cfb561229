/** Issues at several sizes: how fast the list and its facets answer, and the promise that is kept at 100,000 open findings. */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startActor } from './actor.ts'
import { percentile, type Measured } from './measure.ts'

/** At so many open findings, 95 of 100 lists and sets of facets answer within this, milliseconds. */
const PROMISED_AT = 100_000
const PROMISED_MS = 300

export interface IssueRun {
  measured: Measured
  note: string
  findings: number
  p95: number
}

export async function issueRuns(sizes: readonly number[], say: (text: string) => void): Promise<IssueRun[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-issues-'))
  const ours = startActor('ours', folder)
  const runs: IssueRun[] = []
  try {
    await ours.ask('open')
    let filled = 0
    for (const findings of [...sizes].sort((a, b) => a - b)) {
      say(`Issues of ${findings.toLocaleString('en')} open findings …`)
      await ours.ask('fill-issues', filled, findings)
      filled = findings
      const asked = await ours.ask<{ lists: number[]; facets: number[] }>('ask-issues')
      const answers = asked.result.lists.length + asked.result.facets.length
      for (const [what, ms] of Object.entries(asked.result)) {
        const p95 = percentile(ms, 0.95)
        const name = `issue ${what} through the API, ${findings.toLocaleString('en')} open findings`
        const note = `95 of 100 within ${p95.toFixed(0)} ms, of ${ms.length} answers; load average ${loadavg()[0]!.toFixed(1)}`
        say(`${name}: ${note}`)
        runs.push({ measured: { name, ms, cpuMs: [asked.cpuMs / answers], peakMb: null }, note, findings, p95 })
      }
    }
    return runs
  } finally {
    await ours.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Says what falls short of the promise. */
export function holdsAt(
  runs: readonly { findings?: number; p95?: number; measured: Measured }[],
  say: (t: string) => void,
) {
  const short = runs.filter((r) => r.findings === PROMISED_AT && (r.p95 ?? 0) > PROMISED_MS)
  for (const r of short) say(`${r.measured.name}: 95 of 100 within ${r.p95!.toFixed(0)} ms, wanted ${PROMISED_MS}.`)
  return short.length === 0
}
