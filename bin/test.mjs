#!/usr/bin/env node
/** The tests: everything that CI runs, in the order in which a mistake is cheapest to find. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

/** Runs one tool over all sources and keeps what it says, so that two of them can work side by side and still be read one by one. */
function look(name, path, args) {
  return new Promise((resolve) => {
    const tool = spawn(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    tool.stdout.on('data', (text) => (said += text))
    tool.stderr.on('data', (text) => (said += text))
    tool.on('close', (code) => {
      process.stdout.write(`\n— ${name}\n${said}${code === 0 ? '' : `\n${name}: failed\n`}`)
      resolve(code === 0)
    })
  })
}

/** Types and format on one core, lint on the other: together they take about as long. */
async function lookAtSources() {
  // It looks at every source of tsconfig.json with the compiler, components among them: one program instead of two.
  const typed = ['--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human']
  const types = look('types', 'svelte-check/bin/svelte-check', typed).then(
    async (fine) =>
      (await look('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.'])) && fine,
  )
  const lint = look('lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.'])
  const fine = await Promise.all([types, lint])
  if (fine.includes(false)) process.exit(1)
}

const MEMORY = '/dev/shm'
const MEMORY_NEEDED = 2 * 1024 ** 3

/**
 * Where the tests keep their data: in memory where the machine has room for it. The stores sync to disk at every write,
 * and nothing of theirs outlives a test; that they survive a crash is for `npm run prove:store` to show.
 */
function scratch() {
  const { bavail, bsize } = existsSync(MEMORY) ? statfsSync(MEMORY) : { bavail: 0, bsize: 0 }
  return mkdtempSync(join(bavail * bsize >= MEMORY_NEEDED ? MEMORY : tmpdir(), 'plumbline-test-'))
}

const filters = process.argv.slice(2)
const browser = requireBrowser()
if (filters.length === 0) await lookAtSources()
buildAll()
const report = join(ROOT, 'dist', 'test-report.json')
rmSync(report, { force: true })
const data = scratch()
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
  { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CHROMIUM_PATH: browser, TMPDIR: data } },
)
rmSync(data, { recursive: true, force: true })
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  process.stdout.write(`\ntests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`)
}
process.exit(run.status ?? 1)
