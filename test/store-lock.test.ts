/** One process per data folder: who comes second is told who came first, and a dead holder is in nobody's way. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PlumblineError } from '../server/errors.ts'
import { diskRoom, lockDataFolder, networkFileSystem, runningServer } from '../server/store/lock.ts'

let folder: string
let children: ChildProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-lock-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that runs `code` with the modules at hand, says `ready` and stays. */
async function another(code: string): Promise<ChildProcess & { said: string }> {
  const script = `
    import { lockDataFolder } from ${JSON.stringify(new URL('../server/store/lock.ts', import.meta.url).href)}
    import { openFacts } from ${JSON.stringify(new URL('../server/store/facts/open.ts', import.meta.url).href)}
    const folder = ${JSON.stringify(folder)}
    try { ${code}; console.log('ready'); setInterval(() => {}, 1000) } catch (e) { console.log(JSON.stringify({ code: e.code, message: e.message, remedy: e.remedy })) }`
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const said = await new Promise<string>((resolve) =>
    child.stdout!.once('data', (d: Buffer) => resolve(d.toString().trim())),
  )
  return Object.assign(child, { said })
}

const gone = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve))
const refused = () => {
  try {
    lockDataFolder(folder).release()
    return null
  } catch (e) {
    return e as PlumblineError
  }
}

test('the second process is told who holds the folder and what to do', async () => {
  const child = await another(
    `lockDataFolder(folder).writeServer({ url: 'http://127.0.0.1:7117', token: 'secret-token' })`,
  )
  expect(child.said).toBe('ready')
  const error = refused()
  expect(error).toMatchObject({ code: 'conflict' })
  expect(error!.message).toContain(`process ${child.pid}`)
  expect(error!.message).toContain('http://127.0.0.1:7117')
  expect(error!.message + error!.remedy!).not.toContain('secret-token')
  expect(error!.remedy).toContain('--data')
  expect(runningServer(folder)).toEqual({ url: 'http://127.0.0.1:7117', token: 'secret-token', pid: child.pid })
})

test('the folder stays locked where nobody keeps what locked it', async () => {
  const child = await another(
    `lockDataFolder(folder); for (let i = 0; i < 10; i++) { gc(); await new Promise((done) => setImmediate(done)) }`,
  )
  expect(child.said).toBe('ready')
  expect(refused()).toMatchObject({ code: 'conflict' })
})

test('a holder that was killed leaves nothing in the way', async () => {
  const child = await another(`lockDataFolder(folder).writeServer({ url: 'http://127.0.0.1:7117', token: 't' })`)
  const exit = gone(child)
  child.kill('SIGKILL')
  await exit
  expect(runningServer(folder)).toBeNull()
  expect(refused()).toBeNull()
})

test('a process number used again by another program is not taken for the server', () => {
  const lock = lockDataFolder(folder)
  lock.writeServer({ url: 'http://127.0.0.1:1', token: 't' })
  expect(runningServer(folder)?.pid).toBe(process.pid)
  const file = join(folder, 'server.json')
  const written = JSON.parse(readFileSync(file, 'utf8')) as { started: string }
  writeFileSync(file, JSON.stringify({ ...written, started: '1' }))
  expect(runningServer(folder)).toBeNull()
  lock.release()
})

test('one process cannot take the folder twice, and can after giving it back', () => {
  const lock = lockDataFolder(folder)
  expect(refused()).toMatchObject({ code: 'conflict' })
  lock.writeServer({ url: 'http://127.0.0.1:1', token: 't' })
  expect(statSync(join(folder, 'server.json')).mode & 0o777).toBe(0o600)
  lock.release()
  lock.release()
  expect(runningServer(folder)).toBeNull()
  expect(refused()).toBeNull()
})

test('the embedded engine refuses a second process on its folder in words', async () => {
  const first = await another(`await openFacts({ database: 'plumbline', path: folder + '/facts' })`)
  expect(first.said).toBe('ready')
  const second = await another(`await openFacts({ database: 'plumbline', path: folder + '/facts' })`)
  expect(JSON.parse(second.said)).toMatchObject({
    code: 'conflict',
    remedy: expect.stringContaining('one process at a time') as string,
  })
})

test('network file systems are known by their type, and free space is told', () => {
  expect([
    networkFileSystem(0x6969),
    networkFileSystem(0xff534d42),
    networkFileSystem(-11317950),
    networkFileSystem(0xef53),
  ]).toEqual(['NFS', 'CIFS', 'CIFS', null])
  const room = diskRoom(folder)
  expect(room.freeBytes).toBeGreaterThan(0)
  expect(room.totalBytes).toBeGreaterThan(room.freeBytes)
  expect(room.low).toBe(room.freeBytes < 1024 ** 3)
})
