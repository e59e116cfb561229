#!/usr/bin/env node
/** The benchmark: installs the engine that stands beside ours, then measures. Arguments are those of bench/main.ts. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, requireNode, ROOT } from './prepare.mjs'

requireNode()
install()

const folder = join(ROOT, 'bench')
const [[name, wanted]] = Object.entries(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies)
const installed = join(folder, 'node_modules', name, 'package.json')
if (!existsSync(installed) || JSON.parse(readFileSync(installed, 'utf8')).version !== wanted) {
  process.stderr.write(`Installing ${name} ${wanted} for the comparison (70 MB) …\n`)
  const cli = process.env.npm_execpath
  const [command, first] = cli ? [process.execPath, [cli]] : ['npm', []]
  const npm = spawnSync(command, [...first, 'install', '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: !cli && process.platform === 'win32',
  })
  if (npm.status !== 0) {
    process.stderr.write(
      'The comparison could not be installed. Check the network and the npm settings, then run the command again.\n',
    )
    process.exit(1)
  }
}
const run = spawnSync(process.execPath, ['--import', 'tsx', join(folder, 'main.ts'), ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
