/** What sign-in lacks, named one by one: described APIs, Boomi, MuleSoft and Workato, each against its simulated platform. */
import { afterEach, describe, expect, it } from 'vitest'
import boomi from '../connectors/boomi/connector.ts'
import type { Connector } from '../connectors/contract.ts'
import mulesoft from '../connectors/mulesoft/connector.ts'
import rest from '../connectors/rest/connector.ts'
import workato from '../connectors/workato/connector.ts'
import type { Simulator } from '../lab/platform.ts'
import { boomi as boomiAccount } from '../lab/platforms/boomi.ts'
import { mulesoft as anypoint } from '../lab/platforms/mulesoft.ts'
import { rest as restApi } from '../lab/platforms/rest.ts'
import { workato as workspace } from '../lab/platforms/workato.ts'
import type { RecordedEvent } from '../model/event.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

let s: Simulated
afterEach(() => s.stop())

async function start(
  simulator: Simulator,
  connector: unknown,
  config: (own: Record<string, unknown>) => Record<string, unknown> = (own) => own,
) {
  s = await simulated(simulator, connector as Connector<never>, { config })
  // Middleware lists what has carried something.
  s.told.push({
    type: 'sent',
    at: '2026-11-20T11:00:00Z',
    kind: 'customer',
    record_id: '1',
    from_platform: 'salesforce',
    to_platform: 'netsuite',
    correlation_id: 'c-1',
    message: null,
  } as RecordedEvent)
  return () => (connector as Connector<never>).ping(s.context())
}
/** Answers 403 to what is asked for at these addresses. */
const forbid = (paths: RegExp) => s.meet(({ path }) => (paths.test(path) ? { kind: 'error', status: 403 } : null))

describe('a described API', () => {
  const streams = (own: Record<string, unknown>) => own['streams'] as Record<string, Record<string, unknown>>
  it('lacks what its own answer does not grant', async () => {
    let ping = await start(restApi, rest)
    expect((await ping()).missingScopes).toBeUndefined()
    expect(s.seen.map(({ path }) => path)).toEqual(['/token', '/v3/me'])
    await s.stop()
    ping = await start(restApi, rest, (own) => {
      const { accounts, workspaces } = streams(own)
      const write = { ...(workspaces!['write'] as object), needs: ['workspaces.write'] }
      return {
        ...own,
        streams: {
          accounts: { ...accounts, scopes: ['accounts.read', 'accounts.history'] },
          workspaces: { ...workspaces, write },
        },
      }
    })
    expect((await ping()).missingScopes).toEqual(['accounts.history', 'workspaces.write'])
  })
  it('is asked list by list where it does not say, and fails where it grants nothing', async () => {
    const ping = await start(restApi, rest, (own) => {
      const { accounts, workspaces } = streams(own)
      const { scopes: _, ...unsaid } = workspaces!
      return { ...own, ping: { path: '/me' }, streams: { accounts, workspaces: unsaid } }
    })
    expect((await ping()).missingScopes).toBeUndefined()
    forbid(/accounts/)
    expect((await ping()).missingScopes).toEqual(['accounts.read'])
    forbid(/workspaces/)
    expect((await ping()).missingScopes).toEqual(['read Workspace (/workspaces)'])
    forbid(/accounts|workspaces/)
    await expect(ping()).rejects.toMatchObject({
      code: 'auth',
      message: expect.stringMatching(/accounts\.read, read Wo/),
    })
  })
  it('does not pass for granted where the place of its grants is wrong', async () => {
    const ping = await start(restApi, rest, (own) => ({
      ...own,
      ping: { path: '/me', granted: { at: 'contract.rights' } },
    }))
    await expect(ping()).rejects.toMatchObject({ code: 'schema', message: expect.stringMatching(/contract\.rights/) })
  })
})

describe('middleware', () => {
  it('Boomi: process monitoring, and the documents of runs where they are asked for', async () => {
    const ping = await start(boomiAccount, boomi)
    expect((await ping()).missingScopes).toBeUndefined()
    forbid(/GenericConnectorRecord/)
    expect((await ping()).missingScopes).toEqual(['Process Monitoring (query of GenericConnectorRecord)'])
    forbid(/Record\/query/)
    expect((await ping()).missingScopes).toHaveLength(2)
  })
  it('MuleSoft: applications, and their logs', async () => {
    const ping = await start(anypoint, mulesoft)
    expect((await ping()).missingScopes).toBeUndefined()
    forbid(/\/logs$/)
    expect((await ping()).missingScopes).toEqual(['View logs'])
    forbid(/\/deployments$/)
    await expect(ping()).rejects.toMatchObject({ code: 'auth', message: expect.stringMatching(/Read Applications/) })
  })
  it('Workato: recipes, and their jobs', async () => {
    const ping = await start(workspace, workato)
    expect((await ping()).missingScopes).toBeUndefined()
    forbid(/\/jobs$/)
    expect((await ping()).missingScopes).toEqual(['Jobs: list'])
    forbid(/\/recipes$/)
    await expect(ping()).rejects.toMatchObject({ code: 'auth', message: expect.stringMatching(/Recipes: list/) })
  })
})
