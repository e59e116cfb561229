/**
 * The removing process that prove-retention kills. When it comes back it does exactly what it did before, and writes
 * down what it found and what is left. Besides the product's own crash points, every change of either store is one.
 */
import { writeFileSync } from 'node:fs'
import type { Context } from '../server/context.ts'
import { crashpoint } from '../server/crashpoint.ts'
import { retain } from '../server/retain/retain.ts'
import { left } from './prove-retention-left.ts'
import { open } from './prove-retention-world.ts'

let changes = 0
function changed<T>(done: T): T {
  changes++
  crashpoint('change')
  return done
}

/** The same stores, where each change may be the last. */
function frail({ facts, control, ...rest }: Context): Context {
  const { reports } = control
  return {
    ...rest,
    facts: { ...facts, command: async (...sql) => changed(await facts.command(...sql)) },
    control: {
      ...control,
      beginRemoval: (...of) => changed(control.beginRemoval(...of)),
      endRemoval: (...of) => changed(control.endRemoval(...of)),
      removePayloads: (...of) => changed(control.removePayloads(...of)),
      removeMessages: (...of) => changed(control.removeMessages(...of)),
      cutAudit: (...of) => changed(control.cutAudit(...of)),
      reports: { ...reports, remove: (...of) => changed(reports.remove(...of)) },
    },
  }
}

const [folder, out] = process.argv.slice(2) as [string, string]
const { world, close } = await open(folder)
const found = await left(world.ctx)
process.stdout.write('removing\n')
const began = performance.now()
const removed = await retain(frail(world.ctx), { actor: 'plumbline' })
const ms = performance.now() - began
writeFileSync(out, JSON.stringify({ found, left: await left(world.ctx), removed, changes, ms }))
await close()
