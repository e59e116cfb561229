/** A closed data folder that several test files begin with: made by the first of a run that needs it, copied by the others. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_AGAIN_MS = 100

/**
 * Leaves in `data` what `make` leaves there, making it at most once a run: of two files that come at once, one waits for the
 * other. Should making fail, it fails in the file that made, and whoever waits tries itself.
 * @param of everything that `make` depends on
 */
export async function made(of: unknown, data: string, make: () => Promise<void>): Promise<void> {
  // Only here: benches build the same companies without the test runner.
  const { inject } = await import('vitest')
  const name = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16)
  const ready = join(inject('madeFolder'), name)
  const claim = `${ready}.claim`
  while (!existsSync(ready)) {
    if (!claimed(claim)) {
      await pause(LOOK_AGAIN_MS)
      continue
    }
    try {
      if (existsSync(ready)) break
      await make()
      // Whole or not there at all.
      cpSync(data, `${ready}.part`, { recursive: true, verbatimSymlinks: true })
      renameSync(`${ready}.part`, ready)
      return
    } finally {
      rmSync(claim, { recursive: true, force: true })
    }
  }
  cpSync(ready, data, { recursive: true, verbatimSymlinks: true })
}

/** Making a folder is the one step that only one of two processes can do. */
function claimed(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}
