/** Alerts and reports from the command line, against the running product: what people can do on the screens, they can do here. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertTick } from '../server/alert/jobs.ts'
import { alerts } from '../server/commands/alerts.ts'
import type { Command } from '../server/commands/command.ts'
import { reports } from '../server/commands/reports.ts'
import { parseArgs } from 'node:util'
import type { Running } from '../server/main.ts'
import { handClock } from './world/clock.ts'
import { company, CONFIG, onlyChecks, type Company } from './world/company.ts'

const clock = handClock('2026-11-20T12:00:00.000Z')
let world: Company
let running: Running

beforeAll(async () => {
  world = company()
  world.configure(`${CONFIG}
channels: { mail: { kind: folder } }
recipients: { desk: { channel: mail, address: desk@kranich.example } }
alerts: { routes: [{ name: Everything, tell: [desk], escalate: [{ after: 30m, tell: [desk] }] }] }
reports: { weekly: { audience: operations, recipients: [desk] } }
${onlyChecks('collecting/streams', 'customer-master/legal-profile', 'existence/customer')}`)
  running = await world.start({ clock })
  await running.runtime.collect({})
  await running.runtime.check({})
  clock.set(clock.now() + 60_000)
  await alertTick(running.runtime.ctx)
})
afterAll(async () => {
  await running?.stop()
  world?.end()
})

async function run(command: Command, line: string): Promise<{ code: number; out: string }> {
  const { values, positionals } = parseArgs({
    args: [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!),
    options: command.options,
    allowPositionals: true,
  })
  let out = ''
  const globals = {
    config: join(world.folder, 'plumbline.yaml'),
    configGiven: true,
    data: join(world.folder, 'data'),
    json: false,
    env: {},
    out: (text: string) => void (out += text),
    err: () => {},
  }
  return { code: await command.run(globals, values, positionals), out }
}

describe('plumbline alerts', () => {
  it('silences, says before what it would have muted, lists it and ends it', async () => {
    const tried = await run(alerts, 'silence --check customer-master/legal-profile --try')
    expect(tried.out).toMatch(/^It would have muted [1-9]\d* of \d+ in seven days: I-\d+/)
    expect((await run(alerts, 'silences')).out).toBe('')
    const made = await run(
      alerts,
      `silence I-1 --until 2026-11-20T16:00:00Z --reason 'the ERP is being moved' --end-on-resolve`,
    )
    expect(made.out).toMatch(/^1 until 2026-11-20T16:00:00.000Z, by .*: issue I-1 \(the ERP is being moved\)\n$/)
    expect(running.runtime.ctx.control.silences(clock.now())).toMatchObject([{ endOnResolve: true }])
    expect((await run(alerts, 'silences')).out).toBe(made.out)
    expect(await run(alerts, 'unsilence 1')).toMatchObject({ code: 0 })
    expect(await run(alerts, 'unsilence 1')).toMatchObject({ code: 1, out: 'It did not hold.\n' })
    expect((await run(alerts, 'silences')).out).toBe('')
  })

  it('acknowledges one member of a group and leaves the others', async () => {
    expect((await run(alerts, 'acknowledge I-1 --note mine')).out).toBe('Acknowledged: I-1.\n')
    expect(running.runtime.ctx.control.acknowledgements().map((a) => [a.subject, a.note])).toEqual([['I-1', 'mine']])
  })

  it('switches a channel on again, with word in the audit trail', async () => {
    const { control } = running.runtime.ctx
    control.setChannelState('mail', { disabledAt: clock.now(), disabledReason: 'gone', failingSince: clock.now() })
    expect((await run(alerts, 'routes')).out).toContain('mail (folder): off, gone')
    expect((await run(alerts, 'enable mail')).code).toBe(0)
    expect((await run(alerts, 'routes')).out).not.toContain('off, gone')
    expect(control.auditEntries(0, 1_000).some((e) => e.action === 'channel.enabled')).toBe(true)
  })
})

describe('plumbline reports', () => {
  it('lists schedules, pauses and goes on', async () => {
    expect((await run(reports, 'list')).out).toBe(
      'weekly: 0 7 * * mon (UTC), 1 reader, next 2026-11-23T07:00:00.000Z\n',
    )
    await run(reports, 'pause weekly')
    expect((await run(reports, 'list')).out).toContain('paused by')
    await run(reports, 'resume weekly')
    expect((await run(reports, 'list')).out).toContain('next 2026')
  })

  it('subscribes an address and takes it off again', async () => {
    const { control } = running.runtime.ctx
    await run(reports, 'subscribe weekly bo@kranich.example')
    expect((await run(reports, 'list')).out).toContain('2 readers')
    await run(reports, 'leave weekly bo@kranich.example')
    expect((await run(reports, 'list')).out).toContain('1 reader,')
    expect(control.unsubscribed('reports/weekly').map((u) => u.address)).toEqual(['bo@kranich.example'])
  })

  it('brings back what was sent, as it was sent', async () => {
    const sent = await running.runtime.reports.sendNow('weekly', 'u1')
    expect((await run(reports, 'archive')).out).toContain(`${sent.id}: Drift report`)
    for (const [ending, holds] of [
      ['html', 'Drift report'],
      ['txt', 'Drift report'],
      ['csv', 'issue'],
    ] as const) {
      const out = join(world.folder, `sent.${ending}`)
      await run(reports, `archive ${sent.id} --out ${out}`)
      expect(existsSync(out) && readFileSync(out, 'utf8')).toContain(holds)
    }
  })
})
