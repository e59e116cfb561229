/** `plumbline doctor`: can everything be reached, are credentials and scopes right, do the clocks agree, is there room? */
import type { Context } from '../context.ts'
import { examine } from '../examine.ts'
import { memorySays, memoryUse, tooGenerous } from '../memory.ts'
import { openContext } from '../open.ts'
import { diskRoom } from '../store/lock.ts'
import type { Command } from './command.ts'

interface Finding {
  what: string
  ok: boolean
  says: string
  remedy?: string
}

export const doctor: Command = {
  usage: '',
  about: 'Reachability, credentials, scopes, clocks, memory, disk, engine.',
  details: ['Asks every platform one cheap question. Exit 1 when anything needs a person.'],
  options: {},
  async run(globals) {
    const opened = await openContext({ configFile: globals.config, data: globals.data, env: globals.env })
    try {
      const { ctx } = opened
      const findings = [
        ...(await engine(ctx)),
        memory(ctx),
        disk(opened.data),
        ...(await Promise.all(Object.keys(ctx.config.platforms).map((name) => platform(ctx, name)))),
      ]
      if (globals.json) globals.out(`${JSON.stringify(findings, null, 2)}\n`)
      else
        for (const f of findings)
          globals.out(`${f.ok ? 'ok  ' : 'BAD '} ${f.what}: ${f.says}${f.remedy ? `\n       ${f.remedy}` : ''}\n`)
      return findings.every((f) => f.ok) ? 0 : 1
    } finally {
      await opened.close()
    }
  },
}

async function engine(ctx: Context): Promise<Finding[]> {
  const [row] = await ctx.facts.query<{ version: string }>('select version() as version')
  const audit = ctx.control.verifyAudit()
  return [
    { what: 'facts', ok: true, says: `ClickHouse ${row?.version ?? '?'}, ${ctx.facts.where}` },
    {
      what: 'audit trail',
      ok: audit.broken === null,
      says: audit.broken === null ? `${audit.entries} entries, chain unbroken` : `broken at entry ${audit.broken}`,
      ...(audit.broken !== null && {
        remedy: 'Somebody changed the control store by hand; compare it with your backup.',
      }),
    },
    { what: 'checks', ok: ctx.checks.length > 0, says: `${ctx.checks.length} checks` },
  ]
}

function memory(ctx: Context): Finding {
  const use = memoryUse(ctx)
  const ok = !tooGenerous(use)
  return {
    what: 'memory',
    ok,
    says: memorySays(use),
    ...(!ok && { remedy: 'Set memory.max_engine_mb to what this machine can spare, with 512 MB beside it.' }),
  }
}

function disk(data: string): Finding {
  const room = diskRoom(data)
  const gigabytes = (room.freeBytes / 1024 ** 3).toFixed(1)
  const ok = !room.low
  return {
    what: 'disk',
    ok,
    says: `${gigabytes} GB free in ${data}`,
    ...(!ok && { remedy: 'Free space, or move the data folder with --data.' }),
  }
}

async function platform(ctx: Context, name: string): Promise<Finding> {
  const { ok, says, remedy } = await examine(ctx, name)
  return { what: name, ok, says, ...(remedy !== null && { remedy }) }
}
