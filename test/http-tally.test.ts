/** What platforms were asked: requests, those sent again, and refusals for the rate limit, counted for the key figures. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HttpDoor } from './world/http-door.ts'
import { httpDoor } from './world/http-door.ts'

let door: HttpDoor

beforeEach(async () => void (door = await httpDoor()))
afterEach(() => door.end())

describe('the tally of a platform', () => {
  it('counts every request, and those sent again after a failure or a refusal', async () => {
    const answers = [{ status: 503 }, { status: 429, headers: { 'retry-after': '1' } }, { json: {} }, { json: {} }]
    door.platform.answer(() => answers.shift()!)
    const { http, request } = door.open()
    expect(http.tally()).toEqual({ calls: 0, retries: 0, throttles: 0 })
    await door.settle(request({ url: '/a' }))
    await door.settle(request({ url: '/b' }))
    expect(http.tally()).toEqual({ calls: 4, retries: 2, throttles: 1 })
  })

  it('counts what in the end is given up', async () => {
    door.platform.answer(() => ({ status: 503 }))
    const { http, request } = door.open()
    await expect(door.settle(request({ url: '/a' }))).rejects.toMatchObject({ code: 'upstream' })
    expect(http.tally()).toEqual({ calls: 5, retries: 4, throttles: 0 })
  })
})
