/** The command line: one binary, one file per command in commands/. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { PlumblineError, asError } from './errors.ts'
import { alerts } from './commands/alerts.ts'
import { certificate } from './commands/certificate.ts'
import { backfillCommand } from './commands/backfill.ts'
import { apply } from './commands/apply.ts'
import { approve } from './commands/approve.ts'
import { check } from './commands/check.ts'
import { checks } from './commands/checks.ts'
import { collectCommand } from './commands/collect.ts'
import { compare } from './commands/compare.ts'
import { demo } from './commands/demo.ts'
import { doctor } from './commands/doctor.ts'
import { exceptions } from './commands/exceptions.ts'
import { exportCommand } from './commands/export.ts'
import { identityCommand } from './commands/identity.ts'
import { find } from './commands/find.ts'
import { holds } from './commands/holds.ts'
import { hooks } from './commands/hooks.ts'
import { lab } from './commands/lab.ts'
import { report } from './commands/report.ts'
import { reports } from './commands/reports.ts'
import { plan } from './commands/plan.ts'
import { probe } from './commands/probe.ts'
import { replay } from './commands/replay.ts'
import { retention } from './commands/retention.ts'
import { standing } from './commands/standing.ts'
import { start } from './commands/start.ts'
import { traceCommand } from './commands/trace.ts'
import { validate } from './commands/validate.ts'
import { verifyCertificateCommand } from './commands/verify-certificate.ts'
import type { Command, Globals } from './commands/command.ts'
import { VERSION } from './version.ts'

const COMMANDS: Record<string, Command> = {
  start,
  demo,
  compare,
  validate,
  doctor,
  hooks,
  collect: collectCommand,
  backfill: backfillCommand,
  check,
  checks,
  alerts,
  plan,
  approve,
  apply,
  replay,
  exceptions,
  find,
  probe,
  standing,
  export: exportCommand,
  report,
  reports,
  certificate,
  'verify-certificate': verifyCertificateCommand,
  identity: identityCommand,
  lab,
  trace: traceCommand,
  retention,
  holds,
}

const GLOBALS = {
  config: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} satisfies ParseArgsConfig['options']

/** Runs one command. Resolves with the exit code: 0 done, 1 findings or failures, 2 bad arguments or configuration. */
export async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help())
    return name === undefined ? 2 : 0
  }
  if (name === '--version') {
    process.stdout.write(`${VERSION}\n`)
    return 0
  }
  const command = COMMANDS[name]
  if (!command)
    return complain(
      `There is no command "${name}".`,
      `Commands: ${Object.keys(COMMANDS).join(', ')}. plumbline --help explains them.`,
    )
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: { ...GLOBALS, ...command.options },
      allowPositionals: true,
      strict: true,
    })
    if (values.help) {
      process.stdout.write(`${usage(name, command)}\n`)
      return 0
    }
    const globals: Globals = {
      config: (values.config as string | undefined) ?? process.env.PLUMBLINE_CONFIG ?? 'plumbline.yaml',
      configGiven: values.config !== undefined || process.env.PLUMBLINE_CONFIG !== undefined,
      data: values.data as string | undefined,
      json: values.json === true,
      env: process.env,
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
    }
    return await command.run(globals, values, positionals)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS'))
      return complain((thrown as Error).message, usage(name, command))
    const error = asError(thrown)
    complain(where(error) + error.message, error.remedy)
    return error.code === 'config' ? 2 : 1
  }
}

function where(error: PlumblineError): string {
  return error.file ? `${error.file}${error.line ? `:${error.line}` : ''} ` : ''
}

function complain(message: string, remedy?: string): number {
  process.stderr.write(`${message}\n${remedy ? `${remedy}\n` : ''}`)
  return 2
}

function usage(name: string, command: Command): string {
  return [
    `plumbline ${name} ${command.usage}`.trimEnd(),
    '',
    command.about,
    ...command.details.map((d) => `  ${d}`),
  ].join('\n')
}

/** Columns that a command with its arguments may take in the list of all. */
const USAGE_WIDTH = 47

function help(): string {
  // What is too long for the column has a line of its own: every explanation stands below the one before it.
  const column = (usage: string) =>
    usage.length < USAGE_WIDTH ? usage.padEnd(USAGE_WIDTH) : `${usage}\n${''.padEnd(USAGE_WIDTH + 2)}`
  const lines = Object.entries(COMMANDS).map(([name, c]) => `  ${column(`${name} ${c.usage}`.trimEnd())}${c.about}`)
  return `plumbline ${VERSION}: finds where platforms disagree about customers, and says which one is wrong.

${lines.join('\n')}

Everywhere: --config FILE (default plumbline.yaml), --data DIR (default ./data, or CLICKHOUSE_URL for the facts),
--json for machines, --help for one command. Exit 0: done. 1: findings or failures. 2: arguments or configuration.
`
}
