/** Runbooks over HTTP in the language that is asked for: what a check says, and ticks that belong to a step in every language. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { checkFile } from './world/check-files.ts'
import { handClock } from './world/clock.ts'
import { remedyDoor, type Door } from './world/remedy-door.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

interface Book {
  steps: { number: number; says: string; done_by: string | null; was: string | null }[]
}
interface Told {
  why: string
  fix: string
}
const PROFILE = 'customer-master/profile'
const OLGA = 'olga@kranich.example'
const clock = handClock('2026-11-27T09:00:00.000Z')
const { why, fix, guidance } = loadChecks([shippedChecks()], {
  checks: { folders: [], disable: [], override: {} },
}).find((c) => c.id === PROFILE)!
const german = guidance!.de!
let platform: WritePlatform
let world: RemedyWorld
let door: Door
let number = 0

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    // Compares one field alone; what it says is what the shipped check says.
    checks: [
      { ...checkFile(PROFILE, 'kind: agree\nof: customer\nfields: [segment]'), why, fix, guidance: { de: german } },
    ],
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
  })
  door = remedyDoor(world)
  const customer = { name: 'nordwind', domain: 'nordwind.example', state: 'customer' }
  platform.put('crm', 'S-1', { ...customer, segment: 'enterprise' })
  platform.put('support', 'Z-1', { ...customer, segment: 'smb' })
  await clock.turn(48 * 3_600_000)
  door.signIn()
  await world.read()
  await door.runtime.check({ checks: [PROFILE], full: true })
  number = (await door.call<{ issues: { number: number }[] }>('olga', '/issues?q=is:unresolved')).body.issues[0]!.number
})
afterAll(async () => {
  await world.end()
  await platform.stop()
})

const ask = async <T>(path: string, language: string) => (await door.call<T>('olga', path, undefined, language)).body
const book = async (language: string) => (await ask<Book>(`/runbooks/I-${number}`, language)).steps
const tick = (step: number, done: boolean, language: string) =>
  door.call<Book>('olga', `/runbooks/I-${number}/steps/${step}`, { done }, language)

it('says why and what to do in the language that the request names, on the check and on its issue', async () => {
  for (const [language, said] of [
    ['en', { why, fix }],
    ['de-AT,en;q=0.5', german],
    ['fr', { why, fix }],
  ] as const) {
    expect(await ask<Told>(`/checks/${PROFILE}`, language)).toMatchObject(said)
    expect((await ask<Told[]>('/checks', language))[0]).toMatchObject(said)
    expect((await ask<{ check: Told }>(`/issues/I-${number}`, language)).check).toMatchObject(said)
  }
  expect((await book('de'))[0]).toMatchObject({ number: 1, says: expect.stringContaining('Plattform mit dem Fehler') })
})

it('keeps a tick with its step whichever language it was ticked or is read in', async () => {
  const ticked = (await tick(2, true, 'de')).body.steps
  expect(ticked.map((s) => s.says)).toEqual((await book('de')).map((s) => s.says))
  for (const language of ['en', 'de'])
    expect((await book(language)).map((s) => [s.number, s.done_by, s.was])).toEqual([
      [1, null, null],
      [2, OLGA, null],
      [3, null, null],
    ])
  expect((await tick(2, false, 'en')).body.steps[1]).toMatchObject({ done_by: null })
  expect((await book('de'))[1]).toMatchObject({ done_by: null })
})
