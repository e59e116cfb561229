/** PDF: the page of a report, printed by a Chromium on this machine. Where there is none, one sentence says so. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PlumblineError } from '../errors.ts'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const PRINT_MS = 60_000

/** The program that prints, or null. `wanted` is CHROMIUM_PATH. */
export function chromiumOf(wanted: string | undefined): string | null {
  return [wanted, ...PLACES].find((path) => path && existsSync(path)) ?? null
}

/** @throws PlumblineError `config` where no Chromium is installed, `upstream` where it fails. */
export async function pdf(html: string, wanted: string | undefined): Promise<Uint8Array> {
  const program = chromiumOf(wanted)
  if (!program)
    throw new PlumblineError('config', 'A PDF needs Chromium, and none is installed on this machine.', {
      remedy: 'Install Chromium or name it in CHROMIUM_PATH; the page of the report can be printed from any browser.',
    })
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-pdf-'))
  try {
    const [page, out] = [join(folder, 'report.html'), join(folder, 'report.pdf')]
    writeFileSync(page, html, { mode: 0o600 })
    await print(program, folder, page, out)
    return new Uint8Array(readFileSync(out))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function print(program: string, folder: string, page: string, out: string): Promise<void> {
  const args = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-component-update',
    // The page names nothing outside of itself; should it ever, nothing is reached.
    '--host-resolver-rules=MAP * ~NOTFOUND',
    `--user-data-dir=${join(folder, 'profile')}`,
    '--no-pdf-header-footer',
    `--print-to-pdf=${out}`,
    // A container's administrator cannot use the sandbox; the page has no scripts.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    pathToFileURL(page).href,
  ]
  return new Promise((done, failed) => {
    execFile(program, args, { timeout: PRINT_MS, killSignal: 'SIGKILL' }, (error) => {
      if (existsSync(out)) return done()
      failed(
        new PlumblineError('upstream', 'Chromium could not print the report.', {
          cause: error,
          remedy: `Try it by hand: ${program} --headless --print-to-pdf=x.pdf <page>`,
        }),
      )
    })
  })
}
