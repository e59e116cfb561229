/** A command of the command line: its arguments, its words, and what it does. */
import type { ParseArgsConfig } from 'node:util'

/** What every command is given. */
export interface Globals {
  /** Configuration file, absolute or relative to the working folder. */
  config: string
  /** True if the caller named it: a missing default file is not an error for every command. */
  configGiven: boolean
  /** Data folder, or undefined for the configuration's. */
  data: string | undefined
  json: boolean
  env: NodeJS.ProcessEnv
  out: (text: string) => void
  err: (text: string) => void
}

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

export interface Command {
  /** What follows the name: `[PLATFORM…] [--full]`. */
  usage: string
  /** One sentence. */
  about: string
  /** One line per option and notable behaviour. */
  details: readonly string[]
  options: NonNullable<ParseArgsConfig['options']>
  /** Resolves with the exit code. Throws PlumblineError for anything that a person must mend. */
  run(globals: Globals, values: Values, positionals: string[]): Promise<number>
}

/** The text of an option that is given once. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}
