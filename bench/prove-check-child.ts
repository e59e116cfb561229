/** The checking process that prove-check kills. When it comes back it does exactly what it did before, and writes down what is left. */
import { writeFileSync } from 'node:fs'
import { AS_OF, open } from './prove-check-world.ts'

const [folder, out] = process.argv.slice(2) as [string, string]
const { world, close } = await open(folder)
world.clock.set(Date.parse(AS_OF))
const results = await world.check()
const failed = results.find((r) => r.error)
if (failed) throw failed.error!
const { facts } = world.ctx
const dump = {
  findings: await facts.query(`select * except (run_id, rev) from ${facts.database}.findings final order by id`),
  events: await facts.query(
    `select * except (run_id) from ${facts.database}.finding_events final order by id, transition`,
  ),
  issues: await facts.query(`select * except (rev) from ${facts.database}.issues final order by number`),
  checks: world.ctx.control.checkStates(),
}
writeFileSync(out, JSON.stringify(dump))
await close()
