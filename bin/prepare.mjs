/** Preparation: installs and builds what is missing, so that a newcomer's first command is also the only one. Plain JavaScript: it runs before anything is installed. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const say = (text) => process.stderr.write(`${text}\n`)

/** Ends with one sentence when this Node is too old to run anything else. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  say(
    `Plumbline needs Node 20.19 or newer; this is ${process.versions.node}. Install Node 24 and run the command again.`,
  )
  process.exit(2)
}

function npm(args) {
  // npm's own entry point where npm started us: a shell would be needed for npm.cmd on Windows.
  const cli = process.env.npm_execpath
  const [command, first] = cli ? [process.execPath, [cli]] : ['npm', []]
  const run = spawnSync(command, [...first, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: !cli && process.platform === 'win32',
  })
  if (run.status !== 0) {
    say(`npm ${args.join(' ')} failed. Check the network and the npm settings, then run the command again.`)
    process.exit(1)
  }
}

/** Installs the packages of the lock file unless that exact lock is installed already. */
export function install({ dev = true } = {}) {
  const lock = join(ROOT, 'package-lock.json')
  if (!existsSync(lock)) return
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex')
  const stamp = join(ROOT, 'node_modules', '.plumbline-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('Installing packages (about 700 MB, most of it the embedded database) …')
  npm(['ci', '--engine-strict', '--no-audit', '--no-fund', ...(dev ? [] : ['--omit=dev'])])
  writeFileSync(stamp, wanted)
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* files(path)
    else if (entry.isFile()) yield path
  }
}

/** Name, size and time of every source of one part: what a build depends on. */
function fingerprint(parts) {
  const hash = createHash('sha256')
  for (const part of parts) {
    const path = join(ROOT, part)
    if (!existsSync(path)) continue
    for (const file of statSync(path).isDirectory() ? [...files(path)].sort() : [path]) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}

function build(name, parts, work) {
  const wanted = fingerprint([...parts, 'package-lock.json'])
  const stamp = join(ROOT, 'dist', `.${name}`)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say(`Building the ${name} …`)
  work()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

/** Runs one build tool; it has said what is wrong when it fails. */
function tool(path, args) {
  const run = spawnSync(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  })
  if (run.status === 0) return
  say('The build failed; the reason is above.')
  process.exit(1)
}

/** Compiles server and dashboard into dist/ where a source is newer. */
export function buildAll() {
  build('server', ['model', 'connectors', 'server', 'lab', 'tsconfig.server.json'], () =>
    tool('typescript/bin/tsc', ['-p', 'tsconfig.server.json']),
  )
  build('dashboard', ['ui', 'model', 'checks', 'server/api', 'vite.config.ts'], () =>
    tool('vite/bin/vite.js', ['build', '--logLevel', 'warn']),
  )
}
