/** The words of the configuration: names, durations, schedules, amounts, and what is legal in each. */
import cron from 'node-cron'
import { z } from 'zod'
import { KINDS } from '../../model/kinds.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import { DURATION_MAX_MS, durationMs } from './duration.ts'

export const ROLES = [
  'crm',
  'cpq',
  'erp',
  'billing',
  'commerce',
  'support',
  'success',
  'psa',
  'provisioning',
  'tax',
  'mdm',
  'warehouse',
  'middleware',
] as const
export type Role = (typeof ROLES)[number]

export const STANDS = ['follower', 'advisory', 'gated', 'foreign', 'absent'] as const
export type Stands = (typeof STANDS)[number]

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const kindName = z.enum(KINDS.map((k) => k.name) as [string, ...string[]])
export const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, starting with a letter, at most 63')
export const severity = z.enum(SEVERITIES)

/** `90s`, `15m`, `4h`, `7d`. */
export const duration = z
  .string()
  .regex(/^\d{1,12}(ms|s|m|h|d)$/, 'write a number and a unit: 90s, 15m, 4h, 7d')
  .refine((text) => (durationMs(text) ?? 0) <= DURATION_MAX_MS, 'is longer than ten years')

export const schedule = z
  .string()
  .superRefine((text, ctx) => {
    if (text === 'manual') return
    const { valid, errors } = cron.validateDetailed(text)
    const [first] = errors
    if (valid || !first) return
    ctx.addIssue({
      code: 'custom',
      message: `is no cron expression (${first.message}); write five fields like */5 * * * *, or manual`,
    })
  })
  .describe('Cron expression with five or six fields, or `manual`.')

/** Decimal text; YAML numbers are taken as they are written as long as a double spells them the same. */
export const decimal = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d+(\.\d+)?$/, 'write a positive decimal number, in quotes if it is long'))

export const tolerance = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d+(\.\d+)?%?$|^\d+d$/, 'write an amount (0.01), a share (2%) or days (1d)'))
  .describe('`0.01`, `2%` or `1d`, in the unit of the field.')

export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'write an ISO 4217 code: EUR, USD, JPY')
