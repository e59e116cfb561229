/**
 * Proof that alerts arrive: after a day without any receiver, over kill -9 at every step, past hostile receivers and
 * names, in every time zone, one mail a cause in a storm, and readable wherever it is opened. Real SMTP and HTTP; the clock is turned by hand.
 *
 *   npm run prove:alerts -- [--messages 100] [--years 20] [--pictures FOLDER]
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createCourier } from '../server/deliver/courier.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { mailbox } from '../test/world/receivers.ts'
import { openAlerter } from './prove-alerts-child.ts'
import { hostile, names, outage, type Say } from './prove-alerts-parts.ts'
import { looks } from './prove-alerts-looks.ts'
import { zones } from './prove-alerts-zones.ts'

const POINTS = [
  'alert-read',
  'alert-noticing',
  'alert-noticed',
  'alert-through',
  'alert-written',
  'alert-flushing',
  'alert-flushed',
  'deliver-claimed',
  'deliver-sent',
  'deliver-marking',
  'deliver-marked',
]
/** Points after which a mail may have left without being marked. */
const MAY_REPEAT = new Set(['deliver-sent', 'deliver-marking'])
const AT = '2026-11-20T12:00:00.000Z'
/** Past the lease of whoever was killed. */
const LATER = '2026-11-20T12:20:00.000Z'
const ISSUES = 6

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100' },
    years: { type: 'string', default: '20' },
    pictures: { type: 'string' },
  },
})
let failures = 0
const say: Say = (name, ok, figure) => {
  if (!ok) failures++
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${figure}\n`)
}

const child = fileURLToPath(new URL('./prove-alerts-child.ts', import.meta.url))

/** How the alerting process ended: its code, or the signal that killed it. */
function alerting(folder: string, port: number, at: string, point?: string): Promise<number | string> {
  return new Promise((resolve) => {
    const { CRASHPOINT: _, ...env } = process.env
    const running = spawn(process.execPath, ['--import', 'tsx', child, folder, String(port), at], {
      env: { ...env, ...(point && { CRASHPOINT: point }) },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    running.on('exit', (code, signal) => resolve(signal ?? code ?? -1))
  })
}

async function crashes(): Promise<void> {
  const box = await mailbox()
  const prepared = mkdtempSync(join(tmpdir(), 'prove-alerts-'))
  const { world, close } = await openAlerter(prepared, box.port, AT)
  await world.put(
    ...Array.from({ length: ISSUES }, (_, i) => ({
      number: i + 1,
      cause: (['never_sent', 'overwritten', 'rounding'] as const)[i % 3]!,
      title: `Difference ${i}`,
    })),
  )
  await world.findings(...Array.from({ length: ISSUES }, (_, i) => ({ id: `f${i}`, issue: `I-${i + 1}` })))
  await close()
  let [visited, lost, repeated, tooMany] = [0, 0, 0, 0]
  let wanted = 0
  for (const point of [
    null,
    ...POINTS.map((p) => `${p}@1`),
    'deliver-sent@3',
    'deliver-marking@4',
    'alert-flushing@2',
  ]) {
    const folder = mkdtempSync(join(tmpdir(), 'prove-alerts-'))
    cpSync(prepared, folder, { recursive: true })
    box.mails.length = 0
    if (point !== null) {
      const ended = await alerting(folder, box.port, AT, point)
      if (ended === 'SIGKILL') visited++
      else process.stderr.write(`${point} was not reached (${ended})\n`)
    }
    const ended = await alerting(folder, box.port, LATER)
    if (ended !== 0) throw new Error(`the run after ${point} failed (${ended})`)
    const control = openControl(join(folder, 'control.sqlite'))
    const rows = control.outbox({ limit: 1_000 })
    const ids = (await box.read()).map((m) => m.messageId!)
    const unique = new Set(ids)
    if (point === null) wanted = unique.size
    const told = new Set(
      control.alertNotices({ states: ['sent'], limit: 1_000 }).map((n) => `${n.subject} ${n.recipient}`),
    )
    lost +=
      rows.filter((r) => r.state !== 'sent').length +
      Math.max(0, wanted - unique.size) +
      (told.size === ISSUES * 2 ? 0 : 1)
    const again = ids.length - unique.size
    repeated += again
    if (again > (MAY_REPEAT.has(point?.split('@')[0] ?? '') ? 1 : 0) || unique.size > wanted) tooMany++
    control.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const points = POINTS.length + 3
  say('crash points visited', visited === points, `${visited} of ${points}`)
  say('lost over all crashes', lost === 0, `${lost} of ${wanted * (points + 1)} mails`)
  say('repeated, under the same Message-ID', tooMany === 0, `${repeated} in ${points} crashes, at most one each`)
  rmSync(prepared, { recursive: true, force: true })
  await box.close()
}

async function storm(): Promise<void> {
  const box = await mailbox()
  const folder = mkdtempSync(join(tmpdir(), 'prove-alerts-'))
  const { world, close } = await openAlerter(folder, box.port, AT)
  const causes = ['never_sent', 'overwritten', 'unmapped_code', 'rounding'] as const
  await world.findings(...Array.from({ length: 10_000 }, (_, i) => ({ id: `s${i}`, issue: `I-${(i % 100) + 1}` })))
  await world.put(
    ...Array.from({ length: 100 }, (_, i) => ({
      number: i + 1,
      cause: causes[i % 4]!,
      check: `storm/${i}`,
      owner_team: 'nobody',
      findings_open: 100,
      findings_total: 100,
    })),
  )
  const began = performance.now()
  await world.look()
  await world.pass(60_000)
  const courier = createCourier(world.ctx)
  await courier.drainAll()
  const took = performance.now() - began
  courier.close()
  await close()
  rmSync(folder, { recursive: true, force: true })
  const bytes = Math.max(...(await box.read()).map((m) => Buffer.byteLength(m.html ?? '')))
  say(
    'a storm of 10,000 findings',
    box.mails.length === causes.length,
    `${box.mails.length} mails for ${causes.length} causes in ${Math.round(took)} ms, largest ${(bytes / 1024).toFixed(1)} KB`,
  )
  await box.close()
}

await outage(say, Number(values.messages))
await hostile(say)
await names(say)
await storm()
await crashes()
await looks(say, values.pictures)
zones(say, Intl.supportedValuesOf('timeZone'), 2010, Number(values.years))
process.exit(failures === 0 ? 0 : 1)
