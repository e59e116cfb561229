/** Deletions of audited tables from `sys_audit_delete`. Records can be restored: what is there again is not told as gone. */
import type { Page } from '../contract.ts'
import type { ConnectorContext } from '../contract.ts'
import { offsetPages } from '../paging.ts'
import type { ServiceNowConfig } from './config.ts'
import { pathOf, PLAIN, rowsOf } from './list.ts'
import { asObject, stampMs, stampText, textOf } from './rows.ts'
import type { TableSpec } from './tables.ts'

const PAGE = 500
/** Ids of one question whether they are there: 33 characters each, far below any limit of an address. */
const ASKED = 100

type Gone = NonNullable<Page['deleted']>

/** @param since epoch ms on the instance's clock */
export async function deletedSince(
  spec: TableSpec,
  ctx: ConnectorContext<ServiceNowConfig>,
  since: number,
): Promise<Gone> {
  const found = new Map<string, number>()
  const first = {
    url: pathOf('sys_audit_delete'),
    query: {
      sysparm_query: `tablename=${spec.table}^sys_created_on>=${stampText(since)}^ORDERBYsys_created_on^ORDERBYsys_id`,
      sysparm_fields: 'tablename,documentkey,sys_created_on',
      ...PLAIN,
    },
  }
  // The audit only grows, at its end: pages by number do not move.
  const names = { offset: 'sysparm_offset', limit: 'sysparm_limit' }
  for await (const reply of offsetPages(ctx, first, names, PAGE, (page) => rowsOf(page).length))
    for (const row of rowsOf(reply).map(asObject)) {
      const [id, at] = [textOf(row?.['documentkey']), stampMs(row?.['sys_created_on'])]
      // Held against what was asked, like every answer here.
      if (id !== null && at !== null && at >= since && textOf(row?.['tablename']) === spec.table) found.set(id, at)
    }
  const ids = [...found.keys()]
  for (let at = 0; at < ids.length; at += ASKED)
    for (const id of await there(spec, ctx, ids.slice(at, at + ASKED))) found.delete(id)
  return [...found].map(([id, at]) => ({ id, at }))
}

async function there(
  spec: TableSpec,
  ctx: ConnectorContext<ServiceNowConfig>,
  ids: readonly string[],
): Promise<string[]> {
  const reply = await ctx.http.request({
    url: pathOf(spec.table),
    query: { sysparm_query: `sys_idIN${ids.join(',')}`, sysparm_fields: 'sys_id', sysparm_limit: ids.length, ...PLAIN },
  })
  return rowsOf(reply).flatMap((row) => textOf(asObject(row)?.['sys_id']) ?? [])
}
