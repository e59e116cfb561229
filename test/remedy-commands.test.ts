/** Remediation from the command line, against the running product: every option of plan, approve, apply, replay, exceptions, probe and standing. */
import { createAdaptorServer } from '@hono/node-server'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digest, hashPassword, newSecret } from '../server/api/passwords.ts'
import { createApp } from '../server/app.ts'
import { iso } from '../server/clock.ts'
import { apply } from '../server/commands/apply.ts'
import { approve } from '../server/commands/approve.ts'
import type { Command } from '../server/commands/command.ts'
import { exceptions } from '../server/commands/exceptions.ts'
import { plan } from '../server/commands/plan.ts'
import { probe } from '../server/commands/probe.ts'
import { replay } from '../server/commands/replay.ts'
import { standing } from '../server/commands/standing.ts'
import { wish } from '../server/remedy/wish.ts'
import { createRuntime, type Runtime } from '../server/runtime.ts'
import { lockDataFolder, type DataLock } from '../server/store/lock.ts'
import { checkFile } from './world/check-files.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const HOUR = 3_600_000
const CHECK = 'customer-master/profile'
const PASSWORD = 'a long enough password'
const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let runtime: Runtime
let server: Server
let lock: DataLock

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    checks: [checkFile(CHECK, 'kind: agree\nof: customer\nfields: [segment]')],
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
    remedy: {
      windows: { evening: { from: '22:00', until: '23:00' } },
      targets: { test: { url: `${platform.url}/test`, secret: 'k', purpose: 'test', allow_private_network: true } },
      automations: { segments: { checks: [CHECK], why_safe: 'A segment is a label that nobody bills by.' } },
      probes: { route: { from: 'crm', to: ['support'], record: 'S-0', field: 'name', within: '30m' } },
      approvals: [
        { needs: 'one', why: 'A second person looks.' },
        { automations: ['probe route'], needs: 'automatic', why: 'It is a record of ours.' },
      ],
    },
    more: {
      reference_maps: { segments: { entries: { support: { KMU: 'smb' } } } },
      channels: { hook: { kind: 'webhook', url: `${platform.url}/hook`, secrets: ['k'], allow_private_network: true } },
    },
  })
  const hash = await hashPassword(PASSWORD)
  for (const [name, role] of [
    ['olga', 'operator'],
    ['anna', 'approver'],
  ] as const)
    world.ctx.control.saveUser({ ...world.person(name, role).user, passwordHash: hash })
  for (const n of [0, 1, 2]) {
    const same = { name: `C${n}`, domain: `c${n}.example`, state: 'customer' }
    platform.put('crm', `S-${n}`, { ...same, segment: 'enterprise' })
    platform.put('support', `Z-${n}`, { ...same, segment: n === 0 ? 'enterprise' : 'smb' })
  }
  await clock.turn(48 * HOUR)
  await world.read()
  runtime = createRuntime(world.ctx)
  await runtime.check({ full: true })
  const token = newSecret()
  const common = { runtime, telemetry: null, version: '0', localToken: digest(token), dashboardFolder: null }
  const app = createApp({ ...common, origin: 'http://127.0.0.1' })
  server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  lock = lockDataFolder(join(world.folder, 'data'))
  lock.writeServer({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token })
})
afterAll(async () => {
  lock?.release()
  server?.closeAllConnections()
  await new Promise<void>((closed) => server.close(() => closed()))
  await world.end()
  await platform.stop()
})

interface Ran {
  code: number
  out: string
}

/** One command as it is typed; whoever is asked for a password types it. */
async function run(command: Command, line: string, json = false): Promise<Ran> {
  const { values, positionals } = parseArgs({
    args: [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!),
    options: command.options,
    allowPositionals: true,
  })
  let out = ''
  const typed = Object.getOwnPropertyDescriptor(process, 'stdin')!
  Object.defineProperty(process, 'stdin', { value: Readable.from([`${PASSWORD}\n`]), configurable: true })
  try {
    const code = await command.run(
      {
        ...{
          config: join(world.folder, 'plumbline.yaml'),
          configGiven: true,
          data: join(world.folder, 'data'),
          env: {},
        },
        ...{ json, out: (text: string) => void (out += text), err: () => {} },
      },
      values,
      positionals,
    )
    return { code, out }
  } finally {
    Object.defineProperty(process, 'stdin', typed)
  }
}
const file = (path: string) => readFile(join(world.folder, path), 'utf8')
const wishOf = (recordId: string) =>
  wish({
    ...{ platform: 'support', kind: 'customer', action: 'set_fields', recordId, entity: recordId },
    fields: { segment: 'enterprise' },
  })
const OLGA = '--as olga@kranich.example'
const ANNA = '--as anna@kranich.example'
const number = ({ out }: Ran) => /P-\d+/.exec(out)![0]
const hash = ({ out }: Ran) => /hash ([0-9a-f]{64})/.exec(out)![1]!
const states = async (p: string) => (await run(plan, '')).out.split('\n').find((l) => l.startsWith(`${p} `))
const worked = (p: string) => runtime.desk.worked(world.ctx.control.plan(Number(p.slice(2)))!.id)

describe('plumbline plan, approve, apply', () => {
  let drafted: Ran
  let p = ''

  it('drafts from an issue at a pace, lists it, and says what it waits for', async () => {
    const none = await run(plan, '')
    expect(none).toEqual({ code: 0, out: 'No plans.\n' })
    drafted = await run(plan, `I-1 --reason 'The CRM is right.' --rate 50`)
    expect(drafted.code).toBe(0)
    p = number(drafted)
    expect(drafted.out).toMatch(
      /P-1 waiting: Fix issue I-1[\s\S]*2 records: 2 pending[\s\S]*2 would vanish, 0 would appear/,
    )
    expect(drafted.out).toContain('waits for 1 approver: A second person looks.')
    expect(world.ctx.control.plan(1)!.header).toContain('"rate":50')
    expect((await run(plan, `'check:${CHECK}' --reason 'By a query.'`)).out).toMatch(/P-2 waiting/)
    expect((await run(plan, '')).out).toMatch(/^P-2 waiting[\s\S]*\nP-1 waiting/m)
  })

  it('rejects one, and gives another back for a change', async () => {
    const no = await run(approve, `P-2 --reject ${ANNA} --reason 'The same as P-1.'`)
    expect(no.out).toMatch(/^P-2 rejected[\s\S]*The same as P-1\./)
    const back = await run(approve, `${p} --return ${ANNA} --reason 'Only the first one.'`)
    expect(back.out).toMatch(/^P-1 returned[\s\S]*Only the first one\./)
  })

  it('drafts the changed plan as the person who takes it over', async () => {
    await expect(run(plan, `--change ${p} --without 2 ${OLGA} --reason 'As asked.'`)).rejects.toThrow('Who asked')
    // What the command line drafted was asked for by nobody by name: a person drafts their own.
    const { control } = world.ctx
    const own = (await world.draft([wishOf('Z-1'), wishOf('Z-2')])).plan!
    const changed = await run(
      plan,
      `--change P-${own.number} --without 2 --set 1:segment=mid ${OLGA} --reason 'As asked.'`,
    )
    expect(changed.out).toMatch(/1 records: 1 pending/)
    expect(control.plan(own.id)!.state).toBe('replaced')
    await expect(run(plan, `--change ${number(changed)} --set nothing ${OLGA} --reason 'Typing.'`)).rejects.toThrow(
      'names no field',
    )
    drafted = changed
    p = number(changed)
  })

  it('approves exactly the plan that was looked at', async () => {
    await expect(run(approve, `${p} --hash ${'0'.repeat(64)} ${ANNA} --reason 'Yes it is.'`)).rejects.toThrow(
      'another plan',
    )
    await expect(run(approve, `${p} --hash ${hash(drafted)} ${OLGA} --reason 'Yes it is.'`)).rejects.toThrow()
    const yes = await run(approve, `${p} --hash ${hash(drafted)} ${ANNA} --reason 'Yes it is.'`)
    expect(yes.out).toMatch(/^P-\d+ approved/)
  })

  it('arms it for a window or for hours, and takes it out again', async () => {
    const armed = await run(apply, `${p} --window evening ${OLGA} --reason 'When it is quiet.'`)
    expect(armed.out).toMatch(
      /armed[\s\S]*applies itself from 2026-11-29T22:00:00.000Z until 2026-11-29T23:00:00.000Z \(evening\)/,
    )
    expect((await run(apply, `${p} --disarm --reason 'Sooner.'`)).out).toMatch(/^P-\d+ approved/)
    const hours = `--from ${iso(clock.now() + HOUR)} --until ${iso(clock.now() + 2 * HOUR)}`
    expect((await run(apply, `${p} ${hours} ${OLGA} --reason 'In an hour.'`)).out).toMatch(/^P-\d+ armed/)
    await run(apply, `${p} --disarm --reason 'Sooner.'`)
  })

  it('applies it as a person, pauses what is at work, and drafts the undo', async () => {
    await run(apply, `${p} ${OLGA} --reason 'Now.'`)
    await worked(p)
    expect(await states(p)).toMatch(/^P-\d+ done/)
    expect(platform.records.get('support')!.get('Z-1')!.fields['segment']).toBe('mid')
    await expect(run(apply, `${p} --pause --reason 'Wait.'`)).rejects.toThrow('is done')
    await expect(run(apply, `${p} --leave anna@kranich.example --reason 'Hers.'`)).rejects.toThrow(
      'nothing of it is pending',
    )
    const undo = await run(plan, `--undo ${p} --reason 'Back again.'`)
    expect(undo.out).toMatch(/waiting: Undo: /)
    expect((await run(apply, `${number(undo)} --cancel --reason 'It may stay.'`)).out).toMatch(/^P-\d+ cancelled/)
    expect((await run(plan, `I-1 --reason 'What is left.'`)).code).toBe(0)
  })

  it('takes the number of records without a way back', async () => {
    const ticket = await run(plan, `I-1 --ticket hook --reason 'Only they know.'`)
    const yes = `${number(ticket)} --hash ${hash(ticket)} ${ANNA} --reason 'Ask them.'`
    const irreversible = /(\d+) cannot be taken back/.exec(ticket.out)?.[1]
    if (irreversible) await expect(run(approve, yes)).rejects.toThrow('cannot be taken back')
    const said = irreversible ? `${yes} --irreversible ${irreversible}` : yes
    expect((await run(approve, said)).out).toMatch(/approved/)
  })

  it('drafts identities and codes, and says what is written wrongly', async () => {
    const apart = await run(plan, `--unlink 'crm:S-1 support:Z-1' --kind customer --reason 'Two of them.'`)
    expect(apart.out).toMatch(/unlinking by hand/)
    const one = await run(plan, `--link 'crm:S-1 support:Z-1' --reason 'One company.'`)
    expect(one).toMatchObject({ code: 1, out: expect.stringContaining('It is as wanted already.') as string })
    const code = await run(plan, `--code segments/support/GK=enterprise --reason 'A new code.'`)
    expect(code.out).toMatch(/reference map segments/)
    await expect(run(plan, `--code segments --reason 'Typing.'`)).rejects.toThrow('names no entry')
  })
})

describe('plumbline exceptions and replay', () => {
  const push = (id: string) => ({
    ...{ id, reason: 'status 503, service unavailable', status: 503, platform: 'crm', target: 'support' },
    ...{ kind: 'customer', event_id: id, occurred_at: iso(clock.now() - HOUR), record_id: `new-${id}` },
    payload: { id },
  })

  it('lists what did not go through, and drafts its replay by number, trouble, class and target', async () => {
    expect(await run(exceptions, '')).toEqual({ code: 0, out: '0 waiting; 0 closed.\n' })
    const { url, token } = JSON.parse(await file('data/server.json')) as { url: string; token: string }
    await fetch(`${url}/v1/exceptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify([push('e1'), push('e2')]),
    })
    const listed = await run(exceptions, '')
    expect(listed).toMatchObject({ code: 1, out: expect.stringMatching(/^2 waiting; 0 closed\./) as string })
    const trouble = /^(\w+) {2}2 unavailable \(technical\) crm → support/m.exec(listed.out)![1]!
    const [first] = world.ctx.control.exceptions({ states: ['retrying'], limit: 10 })
    const of = async (line: string) => (await run(replay, `${line} --reason 'It is up again.'`)).out
    expect(await of(String(first!.id))).toMatch(/^1 match: 0 superseded[\s\S]*Replay 1 events to original/)
    expect(await of(`--group ${trouble}`)).toMatch(/^2 match/)
    expect(await of('--class unavailable --to test --rate 2')).toMatch(/^2 match[\s\S]*Replay 2 events to test/)
    expect(world.ctx.control.plans({ limit: 1 })[0]!.header).toContain('"rate":2')
    const none = await run(replay, `--class timeout --reason 'Nothing of it.'`)
    expect(none).toMatchObject({ code: 1, out: expect.stringContaining('0 match') as string })
    expect((await run(replay, `--to middleware --reason 'Run again.'`)).out).toContain(
      'did not say by what it can be run again',
    )
  })
})

describe('plumbline standing and probe', () => {
  it('says what runs by itself, how often fixes held, and starts again only for an approver', async () => {
    await runtime.desk.tick()
    const all = await run(standing, '')
    expect(all).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^segments \(shadow\): \d+ of 20 writes/) as string,
    })
    expect(all.out).toContain('safe because: A segment is a label')
    await expect(run(standing, `segments --start --reason 'It is mended.'`)).rejects.toThrow()
    expect((await run(standing, '--rates')).out).toMatch(/set_fields|No fix has been seen/)
  })

  it('is the gate of a release: starts the canary, waits for it, and fails while it is not there', async () => {
    expect(await run(probe, 'route')).toEqual({ code: 1, out: 'route: never run\n' })
    const started = await run(probe, 'route --start --wait 1ms')
    expect(started).toMatchObject({ code: 1, out: expect.stringContaining('under way') as string })
    for (const { id } of world.ctx.control.plans({ limit: 1 })) await runtime.desk.worked(id)
    const name = platform.records.get('crm')!.get('S-0')!.fields['name']!
    expect(name).toMatch(/^Probe /)
    platform.move('support', 'Z-0', { name })
    await clock.turn(60_000)
    await runtime.desk.tick()
    expect(await run(probe, 'route --wait 1s')).toMatchObject({
      code: 0,
      out: expect.stringContaining('arrived') as string,
    })
    await expect(run(probe, 'nothing')).rejects.toThrow('no probe nothing')
    await expect(run(probe, 'route --wait soon')).rejects.toThrow('no duration')
  })
})
