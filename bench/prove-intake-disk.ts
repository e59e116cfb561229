/**
 * The disk under the spool: full, and failing to sync. A full spool and a full disk answer 503 and take everything again as
 * soon as there is room; a sync that fails, made to by strace in the running receiver, is never acknowledged and is not
 * retried on the same file.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFacts } from '../server/store/facts/open.ts'
import { SETTINGS, startReceiver, type Receiver } from './prove-intake-sender.ts'

type Check = (good: boolean, text: string) => void

export async function diskFailure(
  folder: (name: string) => string,
  check: Check,
  say: (text: string) => void,
): Promise<void> {
  await fullSpool(folder('spool'), check)
  await fullDisk(folder('tmpfs'), check, say)
  await failingSync(folder('sync'), check, say)
}

/** Sends until `enough` were acknowledged after the first refusal, or `most` were sent. */
async function sendAll(receiver: Receiver, from: number, to: number): Promise<{ taken: number[]; refused: number[] }> {
  const taken: number[] = []
  const refused: number[] = []
  for (let n = from; n < to; n++) {
    const status = await receiver.send(n, 'x'.repeat(2_000))
    if (status === 200) taken.push(n)
    else if (status === 503) refused.push(n)
    else throw new Error(`delivery ${n} was answered ${status}`)
  }
  return { taken, refused }
}

async function settled(receiver: Receiver): Promise<void> {
  for (let waits = 0; waits < 300 && (await receiver.state()).depth > 0; waits++)
    await new Promise((r) => setTimeout(r, 100))
}

/** Sends what was refused until all of it is taken. */
async function resend(receiver: Receiver, refused: number[]): Promise<void> {
  for (let left = refused, tries = 0; left.length > 0; tries++) {
    if (tries > 50) throw new Error(`${left.length} deliveries were never taken`)
    await settled(receiver)
    const next: number[] = []
    for (const n of left) if ((await receiver.send(n, 'x'.repeat(2_000))) !== 200) next.push(n)
    left = next
  }
}

async function eachOnce(data: string, count: number): Promise<boolean> {
  const facts = await openFacts({ database: 'plumbline', path: join(data, 'facts') })
  const [row] = await facts.query<{ n: string; ids: string }>(
    'select count() as n, uniqExact(id) as ids from plumbline.events final',
  )
  await facts.close()
  return Number(row!.n) === count && Number(row!.ids) === count
}

async function fullSpool(data: string, check: Check): Promise<void> {
  const settings = { ...SETTINGS, intake: { spool_mb: 1 } }
  // Nobody drains at first, as while the facts are away: otherwise it never fills.
  const alone = await startReceiver(data, settings, {}, 'spool')
  const { taken, refused } = await sendAll(alone, 0, 1_500)
  await alone.stop()
  const receiver = await startReceiver(data, settings)
  await resend(receiver, refused)
  await settled(receiver)
  await receiver.stop()
  const once = await eachOnce(data, 1_500)
  check(
    refused.length > 0 && once,
    `a full spool: ${taken.length} taken, ${refused.length} answered 503; sent again, each of 1,500 is stored once: ${once}`,
  )
}

async function fullDisk(data: string, check: Check, say: (text: string) => void): Promise<void> {
  const spool = join(data, 'spool')
  try {
    execFileSync('mkdir', ['-p', spool])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', spool], { stdio: 'ignore' })
  } catch {
    say('skip a full disk: mounting a small file system takes root')
    return
  }
  try {
    const receiver = await startReceiver(data, { ...SETTINGS, intake: { reserve_mb: 0 } })
    const before = await sendAll(receiver, 0, 50)
    try {
      writeFileSync(join(spool, 'somebody-else'), Buffer.alloc(4_000_000))
    } catch {
      // It took what was left.
    }
    const during = await sendAll(receiver, 50, 100).catch((e: unknown) => e as Error)
    rmSync(join(spool, 'somebody-else'))
    if (during instanceof Error) throw during
    await new Promise((r) => setTimeout(r, 1_100))
    await resend(receiver, during.refused)
    await settled(receiver)
    await receiver.stop()
    const once = await eachOnce(data, 100)
    check(
      before.refused.length === 0 && during.refused.length > 0 && once,
      `a full disk: ${during.refused.length} of 50 answered 503; with space again each of 100 is stored once: ${once}`,
    )
  } finally {
    execFileSync('umount', ['-l', spool])
  }
}

async function failingSync(data: string, check: Check, say: (text: string) => void): Promise<void> {
  if (spawnSync('strace', ['-V']).status !== 0) {
    say('skip a failing sync: strace is not installed')
    return
  }
  const receiver = await startReceiver(data, SETTINGS)
  const before = await sendAll(receiver, 0, 20)
  const strace = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=fdatasync',
      '-e',
      'inject=fdatasync:error=EIO',
      '-p',
      String(receiver.pid),
    ],
    { stdio: 'ignore' },
  )
  await new Promise((r) => setTimeout(r, 1_500))
  const during = await sendAll(receiver, 20, 40)
  const { failure } = await receiver.state()
  strace.kill('SIGINT')
  await new Promise((r) => strace.on('exit', r))
  await resend(receiver, during.refused)
  await settled(receiver)
  await receiver.stop()
  const once = await eachOnce(data, 40)
  check(
    before.refused.length === 0 && during.refused.length === 20 && /EIO/.test(failure ?? '') && once,
    `fdatasync fails with EIO: ${during.refused.length} of 20 answered 503 (${failure}); afterwards each of 40 is stored once: ${once}`,
  )
}
