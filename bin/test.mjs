#!/usr/bin/env node
/** The tests: everything that CI runs, in the order in which a mistake is cheapest to find. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, install, requireNode, ROOT } from './prepare.mjs'

requireNode()
install()

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

function findBrowser() {
  const named = process.env.CHROMIUM_PATH
  if (named) return existsSync(named) ? named : null
  return BROWSERS.find((path) => existsSync(path)) ?? null
}

/** Chromium through the system's packages, where there is none and this user may install. */
function requireBrowser() {
  let browser = findBrowser()
  if (browser) return browser
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write('Installing Chromium for the browser tests …\n')
    spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2] })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    browser = findBrowser()
  }
  if (browser) return browser
  process.stderr.write(
    'The browser tests need Chromium or Chrome. Install it from your system’s packages (Debian: apt-get install chromium), or set CHROMIUM_PATH to one.\n',
  )
  process.exit(2)
}

function step(name, path, args, env = {}) {
  process.stdout.write(`\n— ${name}\n`)
  const run = spawnSync(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  if (run.status !== 0) {
    process.stdout.write(`\n${name}: failed\n`)
    process.exit(run.status ?? 1)
  }
}

const filters = process.argv.slice(2)
const browser = requireBrowser()
if (filters.length === 0) {
  step('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.'])
  step('types', 'typescript/bin/tsc', ['--noEmit', '-p', '.'])
  step('components', 'svelte-check/bin/svelte-check', [
    '--tsconfig',
    './tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ])
  step('lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.'])
}
buildAll()
const report = join(ROOT, 'dist', 'test-report.json')
rmSync(report, { force: true })
process.stdout.write('\n— tests\n')
const run = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CHROMIUM_PATH: browser } },
)
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  process.stdout.write(`\ntests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`)
}
process.exit(run.status ?? 1)
