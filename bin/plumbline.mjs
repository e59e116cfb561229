#!/usr/bin/env node
/** The command: prepares a checkout where needed, then hands over to the command line of the server. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, install, requireNode, ROOT } from './prepare.mjs'

requireNode()
// A checkout carries its sources and builds them; an installed package brings dist/ along.
if (existsSync(join(ROOT, 'tsconfig.server.json'))) {
  install()
  buildAll()
}
// The embedded engine runs each statement on this pool; four threads would let one slow check hold up everything else.
process.env.UV_THREADPOOL_SIZE ??= '16'
const { main } = await import('../dist/server/cli.js')
process.exitCode = await main(process.argv.slice(2))
