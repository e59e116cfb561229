/** The courier's jobs: one a channel, so that a slow receiver holds back nobody else. */
import type { Context } from '../context.ts'
import type { Courier } from './courier.ts'

/** Kinds whose tickets are read back. */
const TICKETS = new Set(['servicenow', 'jira', 'zendesk'])

export interface DeliveryJob {
  name: string
  cron: string
  timezone: string
  run: () => Promise<void>
}

export function deliveryJobs({ config }: Pick<Context, 'config'>, courier: Courier): DeliveryJob[] {
  return Object.entries(config.channels).flatMap(([name, channel]): DeliveryJob[] => [
    {
      name: `deliver ${name}`,
      cron: '*/5 * * * * *',
      timezone: 'UTC',
      run: async () => void (await courier.drain(name)),
    },
    ...(TICKETS.has(channel.kind)
      ? [
          {
            name: `tickets ${name}`,
            cron: '*/10 * * * *',
            timezone: 'UTC',
            run: async () => void (await courier.readTickets(name)),
          },
        ]
      : []),
  ])
}
