/** The folder of one run in which test files leave what others begin with; it goes when the run is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    madeFolder: string
  }
}

export default function madeFolder(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-made-'))
  project.provide('madeFolder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
