/** Compliance by team: of the changes that each team answers for, how many arrived in time, and whether it gets better. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import { teamWindows } from '../store/facts/team-windows.ts'
import { requires, type GuardEnv } from './guard.ts'
import { SLA_DAYS, SLA_TARGET } from './overview.ts'

const DAY = 86_400_000
const WEEKS = 12

const counts = { kept: z.number().int(), missed: z.number().int() }
const schema = z
  .object({
    days: z.number().describe('What `kept` and `missed` of a team look back over.'),
    target: z.number(),
    teams: z
      .array(
        z.object({
          team: z.string().describe('Empty: issues that no team answers for.'),
          ...counts,
          weeks: z.array(z.object({ from: z.string(), ...counts })).describe('Twelve weeks, oldest first.'),
        }),
      )
      .describe('Most missed first.'),
  })
  .meta({ id: 'TeamCompliance' })

export function teamComplianceRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/teams',
    describeRoute({
      summary: 'How many of the changes that each team answers for arrived in time, with twelve weeks of it',
      tags: ['overview'],
      responses: { 200: { description: 'Teams.', content: { 'application/json': { schema: resolver(schema) } } } },
    }),
    requires('view'),
    async (c) => {
      const now = ctx.clock.now()
      const begin = now - WEEKS * 7 * DAY
      const [lately, weekly] = await Promise.all([
        teamWindows(ctx.facts, iso(now - SLA_DAYS * DAY), SLA_DAYS * 86_400 + 1),
        teamWindows(ctx.facts, iso(begin), 7 * 86_400),
      ])
      const names = [...new Set([...lately, ...weekly].map((t) => t.team))]
      const teams = names.map((team) => {
        const { kept = 0, missed = 0 } = lately.find((t) => t.team === team) ?? {}
        const weeks = Array.from({ length: WEEKS }, (_, n) => {
          const week = weekly.find((t) => t.team === team && t.step === n)
          return { from: iso(begin + n * 7 * DAY), kept: week?.kept ?? 0, missed: week?.missed ?? 0 }
        })
        return { team, kept, missed, weeks }
      })
      teams.sort((a, b) => b.missed - a.missed || (a.team < b.team ? -1 : 1))
      return c.json({ days: SLA_DAYS, target: SLA_TARGET, teams })
    },
  )
}
