/** A full disk, for real: a small file system of its own. Mounting one takes root; elsewhere the test cannot run. */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'plumbline-full-'))
const disk = join(folder, 'disk')

function mount(options: string): boolean {
  try {
    mkdirSync(disk, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const mounted = process.platform === 'linux' && mount('size=40m')

afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', disk])
  rmSync(folder, { recursive: true, force: true })
})

function plumbline(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/plumbline.mjs'), ...args], { cwd: folder })
    let [out, err] = ['', '']
    child.stdout.on('data', (d: Buffer) => (out += d.toString()))
    child.stderr.on('data', (d: Buffer) => (err += d.toString()))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

/** Words that no compression makes smaller. */
const noise = (of: string) => createHash('sha512').update(of).digest('base64url')

describe.runIf(mounted)('a full disk', () => {
  it('ends in one sentence, and with space again the next run has every record once', async () => {
    const records = 60_000
    mkdirSync(join(folder, 'erp'))
    const rows = Array.from({ length: records }, (_, n) => `N${n},${noise(`a${n}`)},${noise(`b${n}`)},DE,customer`)
    writeFileSync(
      join(folder, 'erp/customers.csv'),
      ['record_id,name,legal_name,bill_to.country,state', ...rows].join('\n'),
    )
    writeFileSync(
      join(folder, 'plumbline.yaml'),
      'data: ./disk/data\nplatforms:\n  erp: { connector: files, role: erp, config: { folder: ./erp } }\n',
    )
    const full = await plumbline('collect')
    expect(full.code).toBe(1)
    expect(full.err).toMatch(/disk .*is full\.\n.*[Ff]ree space/)
    expect(full.err).not.toMatch(/\n {4}at /)

    mount('remount,size=800m')
    const again = await plumbline('collect')
    expect(again, again.err).toMatchObject({ code: 0 })
    const { out } = await plumbline('export', 'records', '--kind', 'customer', '--format', 'ndjson')
    const ids = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { record_id: string; entity_id: string }).record_id)
    expect(ids).toHaveLength(records)
    expect(new Set(ids).size).toBe(records)
  })
})
