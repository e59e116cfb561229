/** Retention and legal holds over HTTP and from the command line, against the running product: who may, what is refused, what is written down. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '../server/commands/command.ts'
import { holds } from '../server/commands/holds.ts'
import { retention } from '../server/commands/retention.ts'
import { day, PASSWORD, retentionDesk, ROLES, type RetentionDesk } from './world/retention-desk.ts'
import { typed } from './world/typed.ts'

let desk: RetentionDesk
beforeAll(async () => {
  desk = await retentionDesk()
})
afterAll(() => desk?.end())

/** Status and body of one call with a token. */
async function call(path: string, token: string | null, body?: unknown) {
  const reply = await fetch(`${desk.url}/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> & { removals?: unknown[] } }
}
const refused = (status: number, title: string) => ({ status, body: { title } })
const run = (command: Command, line: string, json = false) =>
  typed(command, line, { folder: desk.folder, password: PASSWORD }, json)
const as = (role: (typeof ROLES)[number]) => `--as ${role}@kranich.example`

/** What the audit trail says of retention and holds, oldest first. */
const told = async () => {
  const { entries } = (await call('audit?limit=500', 'viewer')).body as {
    entries: { actor: string; action: string; object: string; detail: { reason?: string } }[]
  }
  return entries
    .filter((e) => /remov|legal hold/.test(e.action))
    .map((e) => `${e.actor} ${e.action} ${e.object}: ${e.detail.reason}`)
    .reverse()
}

describe('who may', () => {
  const READS = ['retention', 'retention/preview?class=versions', 'legal-holds']
  const may = async (path: string, body?: unknown) =>
    Object.fromEntries(
      await Promise.all(
        [null, 'over', 'nobody', ...ROLES, 'less'].map(async (token) => [
          token ?? 'none',
          (await call(path, token, body)).status,
        ]),
      ),
    ) as Record<string, number>
  const STRANGERS = { none: 401, over: 401, nobody: 401 }

  it('look: everybody who is known', async () => {
    for (const path of READS)
      expect(await may(path), path).toEqual({ ...STRANGERS, viewer: 200, operator: 200, admin: 200, less: 200 })
  })

  // Nothing is said why: who may is refused for that alone, and nothing happens.
  it('place a hold: operators; lift it, and remove: administrators; none of them without a reason', async () => {
    const nobody = { none: 403, over: 401, nobody: 401 }
    expect(await may('legal-holds', { scope: 'everything' })).toEqual({
      ...{ ...nobody, viewer: 403, operator: 400, admin: 400, less: 400 },
    })
    for (const path of ['legal-holds/1/lift', 'retention/removals'])
      expect(await may(path, {}), path).toEqual({ ...nobody, viewer: 403, operator: 403, admin: 400, less: 403 })
    for (const [path, body] of [
      ['legal-holds', { scope: 'everything' }],
      ['retention/removals', {}],
    ] as const)
      for (const reason of [undefined, '  ', 'no'])
        expect((await call(path, 'admin', { ...body, reason })).body['detail']).toMatch(/^reason: /)
    expect(await told()).toEqual([])
  })
})

describe('plumbline holds', () => {
  it('places with a reason, once, and says what is held', async () => {
    expect(await run(holds, '')).toEqual({ code: 0, out: 'Nothing is under legal hold.\n' })
    await expect(run(holds, `place nordwind ${as('operator')}`)).rejects.toThrow('Why?')
    await expect(run(holds, `place nordwind --reason 'A lawsuit.'`)).rejects.toThrow('Who are you?')
    await expect(run(holds, `place --reason 'A lawsuit.'`)).rejects.toThrow('What is to be held?')
    await expect(run(holds, `plaice nordwind`)).rejects.toMatchObject({ remedy: 'Did you mean "place"?' })
    await expect(run(holds, `place nordwind --reason 'A lawsuit.' ${as('viewer')}`)).rejects.toThrow(
      'Your role viewer may not operate here.',
    )
    const line = `1  nordwind  since ${day(0)} by operator@kranich.example: A lawsuit.\n`
    expect(await run(holds, `place nordwind --reason 'A lawsuit.' ${as('operator')}`)).toEqual({ code: 0, out: line })
    await expect(run(holds, `place nordwind --reason 'Again.' ${as('operator')}`)).rejects.toThrow('already')
    await expect(run(holds, `place nobody --reason 'A lawsuit.' ${as('operator')}`)).rejects.toThrow(
      'There is no customer "nobody".',
    )
    await expect(run(holds, `place I-9 --reason 'A lawsuit.' ${as('operator')}`)).rejects.toThrow(
      'There is no issue "I-9".',
    )
    expect((await run(holds, `place I-1 --reason 'An audit.' ${as('operator')}`)).out).toMatch(/^2 {2}I-1 {2}since /)
    expect((await run(holds, '')).out.split('\n').map((l) => l.slice(0, 6))).toEqual(['2  I-1', line.slice(0, 6), ''])
  })

  it('lifts with a reason, once, for an administrator', async () => {
    await expect(run(holds, `lift I-1 --reason 'It ended.'`)).rejects.toThrow('Which hold?')
    await expect(run(holds, `lift 2 --reason 'It ended.' ${as('operator')}`)).rejects.toThrow('may not administer')
    const lifted = await run(holds, `lift 2 --reason 'It ended.' ${as('admin')}`, true)
    expect(JSON.parse(lifted.out)).toEqual({
      ...{ id: 2, scope: 'issue', subject: 'I-1', reason: 'An audit.' },
      ...{ placed_by: 'operator@kranich.example', placed_at: day(0) },
      ...{ lifted_by: 'admin@kranich.example', lifted_at: day(0), lifted_reason: 'It ended.' },
    })
    await expect(run(holds, `lift 2 --reason 'It ended.' ${as('admin')}`)).rejects.toThrow('no such hold that stands')
    // Those that stand come first.
    expect(JSON.parse((await run(holds, '', true)).out)).toMatchObject([
      { id: 1, lifted_at: null },
      { id: 2, lifted_reason: 'It ended.' },
    ])
  })

  it('is taken by the running product alone', async () => {
    const idle = { folder: mkdtempSync(join(tmpdir(), 'plumbline-idle-')), password: PASSWORD }
    try {
      for (const [command, line] of [
        [holds, 'place everything'],
        [retention, 'apply'],
      ] as const)
        await expect(typed(command, `${line} --reason 'Now.' ${as('admin')}`, idle)).rejects.toThrow('none runs here')
    } finally {
      rmSync(idle.folder, { recursive: true, force: true })
    }
  })
})

describe('plumbline retention', () => {
  it('says the term of every class, and what it would remove', async () => {
    const listed = await run(retention, '')
    expect(listed.out).toContain('versions  365d      Earlier values of records (retention.versions)\n')
    expect(listed.out).toContain('reports   for ever  Archive of reports (archive.keep)\n')
    expect(listed.out.trim().split('\n')).toHaveLength(7)
    const all = await run(retention, 'preview')
    expect(all.out).toMatch(
      /^versions {2}365d {6}1 rows would go from 2024-12-20 to 2024-12-20, about \d+ KB; 1 as old are kept because/,
    )
    expect(all.out).toContain('findings  for ever  nothing would go\n')
    expect(JSON.parse((await run(retention, 'preview versions --keep 650d', true)).out)).toEqual([
      {
        ...{ class: 'versions', keep: '650d', older_than: day(650), rows: 0, oldest: null, newest: null, bytes: 0 },
        ...{ needed: 0, everything_held: false },
      },
    ])
  })

  it('says what is written wrongly, and which term is too short', async () => {
    await expect(run(retention, 'previw')).rejects.toMatchObject({ remedy: 'Did you mean "preview"?' })
    await expect(run(retention, 'preview version')).rejects.toThrow('There is no class "version".')
    await expect(run(retention, 'preview --keep 400d')).rejects.toThrow('Which class')
    await expect(run(retention, 'preview versions --keep soon')).rejects.toThrow('keep: ')
    await expect(run(retention, 'preview versions --keep 30d')).rejects.toMatchObject({
      message: '30d is no term for earlier values of records.',
      remedy: 'Write a duration like 730d, of at least 180d.',
    })
    await expect(run(retention, `apply versions ${as('admin')}`)).rejects.toThrow('Why?')
    await expect(run(retention, `apply versions --reason 'Asked for.' ${as('operator')}`)).rejects.toThrow(
      'Your role operator may not administer here.',
    )
  })

  it('removes nothing while everything is held, and says so', async () => {
    await run(holds, `place everything --reason 'An inquiry.' ${as('operator')}`)
    expect((await run(retention, '')).out).toMatch(/\nEverything is under legal hold: nothing is removed\.\n$/)
    expect((await run(retention, 'preview versions')).out).toMatch(
      /0 rows would go; 2 as old are kept because they are needed or held \(everything is under legal hold\)\n$/,
    )
    await expect(run(retention, `apply --reason 'Asked for.' ${as('admin')}`)).rejects.toThrow(
      'Everything is under legal hold: nothing is removed.',
    )
    await run(holds, `lift 3 --reason 'It ended.' ${as('admin')}`)
  })

  it('removes what has had its time, once, and keeps what is held', async () => {
    const apply = (json = false) => run(retention, `apply --reason 'Asked for.' ${as('admin')}`, json)
    expect(await apply()).toEqual({ code: 0, out: 'versions: 1 rows removed\n' })
    expect(await apply()).toEqual({ code: 0, out: 'Nothing had had its time.\n' })
    expect((await run(retention, '')).out).toContain('(retention.versions); complete since 2025-11-20\n')
    await run(holds, `lift 1 --reason 'It was settled.' ${as('admin')}`)
    expect(JSON.parse((await apply(true)).out)).toMatchObject([{ class: 'versions', rows: 1 }])
    const [[left]] = [await desk.facts.query('select count() as n from plumbline.versions_customer')]
    expect(left).toEqual({ n: '4' })
  })

  it('stands in the audit trail with who and why, begun and ended, and the trail is whole', async () => {
    const removed = ['removal began', 'removed'].map((a) => `admin@kranich.example ${a} retention versions: Asked for.`)
    expect(await told()).toEqual([
      'operator@kranich.example legal hold placed customer nordwind: A lawsuit.',
      'operator@kranich.example legal hold placed I-1: An audit.',
      'admin@kranich.example legal hold lifted I-1: It ended.',
      'operator@kranich.example legal hold placed everything: An inquiry.',
      'admin@kranich.example legal hold lifted everything: It ended.',
      ...removed,
      'admin@kranich.example legal hold lifted customer nordwind: It was settled.',
      ...removed,
    ])
    expect(desk.control.verifyAudit().broken).toBeNull()
  })
})

describe('over HTTP', () => {
  it('tells terms, what is complete since when, and what was removed', async () => {
    const { body } = await call('retention', 'viewer')
    expect(body).toMatchObject({ schedule: '47 2 * * *', next_at: '2026-11-21T02:47:00.000Z', everything_held: false })
    expect((body['classes'] as object[])[0]).toEqual({
      ...{ class: 'versions', title: 'Earlier values of records', keep: '365d', key: 'retention.versions' },
      ...{ says: expect.stringContaining('can still be told') as string, least: '180d', kept_since: day(365) },
    })
    expect((body['classes'] as object[])[1]).toMatchObject({ class: 'findings', keep: null, kept_since: null })
    expect(body.removals).toHaveLength(2)
    expect(body.removals![0]).toEqual({
      ...{
        id: 2,
        class: 'versions',
        title: 'Earlier values of records',
        keep_days: 365,
        older_than: day(365),
        rows: 1,
      },
      ...{ bytes: expect.any(Number) as number, by: 'admin@kranich.example', reason: 'Asked for.' },
      ...{ began_at: day(0), ended_at: day(0) },
    })
  })

  it('refuses what it does not know, in words', async () => {
    const of = (query: string) => call(`retention/preview?${query}`, 'viewer')
    expect(await of('class=versions&keep=30d')).toMatchObject(
      refused(400, '30d is no term for earlier values of records.'),
    )
    expect(await of('class=audit&keep=364d')).toMatchObject(refused(400, '364d is no term for audit trail.'))
    for (const wrong of ['', 'class=version', 'class=versions&keep=soon'])
      expect(await of(wrong), wrong).toMatchObject(refused(400, 'The request is not valid.'))
    expect(await of('class=events')).toEqual({
      status: 200,
      body: {
        ...{ class: 'events', keep: null, older_than: null, rows: 0, oldest: null, newest: null, bytes: 0, needed: 0 },
        everything_held: false,
      },
    })
    const reason = 'In a sentence.'
    expect(await call('retention/removals', 'admin', { reason, class: 'everything' })).toMatchObject({ status: 400 })
    expect(await call('retention/removals', 'admin', { reason, keep: '1d' })).toMatchObject({ status: 400 })
    expect(await call('legal-holds', 'admin', { reason, scope: 'everything', subject: 'x' })).toMatchObject(
      refused(400, 'A hold on everything has no subject.'),
    )
    expect(await call('legal-holds', 'admin', { reason, scope: 'issue', subject: '1' })).toMatchObject({ status: 404 })
  })

  it('places and lifts for programs with the role of their token, and finds what holds a customer or an issue', async () => {
    const wish = { scope: 'customer', subject: 'talwerk', reason: 'A lawsuit.' }
    const placed = await call('legal-holds', 'less', wish)
    expect(placed).toMatchObject({ status: 200, body: { id: 4, placed_by: 'admin@kranich.example', lifted_at: null } })
    expect(await call('legal-holds', 'admin', wish)).toMatchObject(refused(409, 'It is under legal hold already.'))
    const holding = async (query: string) =>
      ((await call(`legal-holds?${query}`, 'viewer')).body['holds'] as { id: number }[]).map((h) => h.id)
    expect(await holding('customer=talwerk')).toEqual([4])
    expect(await holding('customer=nordwind')).toEqual([])
    await call('legal-holds', 'operator', { scope: 'everything', reason: 'An inquiry.' })
    expect(await holding('issue=I-1')).toEqual([5])
    expect(await holding('customer=talwerk')).toEqual([5, 4])
    expect(await call('retention/removals', 'admin', { reason: 'Asked for.' })).toMatchObject({
      ...refused(409, 'Everything is under legal hold: nothing is removed.'),
    })
    for (const id of [4, 5])
      expect(await call(`legal-holds/${id}/lift`, 'admin', { reason: 'It ended.' })).toMatchObject({
        ...{ status: 200, body: { id, lifted_by: 'admin@kranich.example', lifted_reason: 'It ended.' } },
      })
    for (const id of ['4', '99', 'x'])
      expect(await call(`legal-holds/${id}/lift`, 'admin', { reason: 'It ended.' })).toMatchObject(
        refused(404, 'There is no such hold that stands.'),
      )
    expect(await holding('customer=talwerk')).toEqual([])
    expect(await call('retention/removals', 'admin', { reason: 'Asked for.', class: 'versions' })).toEqual({
      ...{ status: 200, body: { removed: [] } },
    })
  })
})
