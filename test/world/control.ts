/** A control store for tests: real SQLite in a folder of its own that goes away with it. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlStore } from '../../server/store/control/control.ts'
import { openControl } from '../../server/store/control/sqlite.ts'

export interface ControlWorld {
  control: ControlStore
  path: string
  /** Closes the store and opens it again on the same file, as after a restart. */
  reopen(): ControlStore
  end(): void
}

/** A store without anything in it, made once a process: its tables take longer to make than most tests to run. */
let empty: string | undefined

function emptyStore(): string {
  if (empty) return empty
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-control-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'control.sqlite')
  openControl(path).close()
  return (empty = path)
}

export function controlWorld(): ControlWorld {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-control-'))
  const path = join(folder, 'control.sqlite')
  copyFileSync(emptyStore(), path)
  const world: ControlWorld = {
    control: openControl(path),
    path,
    reopen() {
      world.control.close()
      return (world.control = openControl(path))
    },
    end() {
      world.control.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}
