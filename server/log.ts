/** Logs: one JSON object a line on stderr, control characters escaped, secrets never given to it. */
import type { Clock } from './clock.ts'
import { iso } from './clock.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Record<string, string | number | boolean | null | undefined>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log that adds these fields to every line. */
  with(fields: LogFields): Log
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

export interface LogOptions {
  clock: Clock
  level?: LogLevel
  /** Where lines go; stderr by default. */
  write?: (line: string) => void
  /** Fields of the active trace (trace_id, span_id), asked for at each line. */
  trace?: () => LogFields
}

export function createLog({ clock, level = 'info', write = (l) => process.stderr.write(l), trace }: LogOptions): Log {
  const make = (base: LogFields): Log => {
    const at =
      (lineLevel: LogLevel) =>
      (message: string, fields: LogFields = {}) => {
        if (ORDER[lineLevel] < ORDER[level]) return
        // JSON.stringify escapes control characters, so a hostile name cannot forge a line or move a cursor.
        write(
          JSON.stringify({ time: iso(clock.now()), level: lineLevel, message, ...base, ...trace?.(), ...fields }) +
            '\n',
        )
      }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      with: (more) => make({ ...base, ...more }),
    }
  }
  return make({})
}
