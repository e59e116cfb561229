/** How Zuora says that something went wrong, and what is left of the budget: statuses of 200 included. */
import { describe, expect, it } from 'vitest'
import type { HttpReply } from '../connectors/contract.ts'
import { budget, errors } from '../connectors/zuora/dialect.ts'

const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers,
  text: JSON.stringify(body),
  json: () => body,
})

describe("Zuora's dialect", () => {
  it.each([
    [200, { success: false, reasons: [{ code: 59210070, message: 'limit' }] }, 'rate_limited'],
    [200, { success: false, reasons: [{ code: 50000040, message: 'none' }] }, 'not_found'],
    [200, { success: false, reasons: [{ code: 50000010, message: 'no' }] }, 'auth'],
    [200, { success: false, reasons: [{ code: 53100050, message: 'locked' }] }, 'upstream'],
    [200, { success: false, reasons: [{ code: 53200020, message: 'format' }] }, 'schema'],
    [200, { success: false }, 'schema'],
    [400, { faultCode: 'MALFORMED_QUERY', faultMessage: 'x' }, 'schema'],
    [429, { reasons: [{ code: 'REQUEST_EXCEEDED_RATE', message: 'x' }] }, 'rate_limited'],
    [401, { error: 'invalid_client' }, 'auth'],
  ])('%i %j is %s', (status, body, code) => {
    expect(errors(reply(status, body))).toMatchObject({ code })
  })
  it('is silent about what succeeded, and reads the nearest budget', () => {
    expect(errors(reply(200, { success: true }))).toBeUndefined()
    expect(errors(reply(200, { data: [], nextPage: null }))).toBeUndefined()
    const headers = { 'ratelimit-limit': '50000, 50000;w=60', 'ratelimit-remaining': '49', 'ratelimit-reset': '12' }
    expect(budget(reply(200, {}, headers))).toEqual({ limit: 50_000, remaining: 49, resetsInMs: 12_000 })
  })
})
