/** Channels in the control store: how each fares, the tickets it made, and who wants no more of a list. */
import type { Database, Value } from './database.ts'
import type { ChannelState, OutboxStore, Ticket } from './outbox-rows.ts'

export type Channels = Pick<
  OutboxStore,
  | 'channelStates'
  | 'setChannelState'
  | 'saveTicket'
  | 'ticket'
  | 'tickets'
  | 'unsubscribe'
  | 'resubscribe'
  | 'unsubscribed'
>

const COLUMNS: Record<keyof Omit<ChannelState, 'channel'>, string> = {
  failingSince: 'failing_since',
  lastSuccessAt: 'last_success_at',
  lastAnswer: 'last_answer',
  disabledAt: 'disabled_at',
  disabledReason: 'disabled_reason',
}

const TICKET = 'channel, thread, ticket, url, state, read_at as readAt'

export function channels(db: Database): Channels {
  return {
    channelStates: () =>
      db.all(
        `select channel, failing_since as failingSince, last_success_at as lastSuccessAt, last_answer as lastAnswer,
           disabled_at as disabledAt, disabled_reason as disabledReason from channel_states order by channel`,
      ),
    setChannelState: (channel, change) =>
      db.transaction(() => {
        db.run('insert into channel_states (channel) values (?) on conflict (channel) do nothing', channel)
        const given = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter((key) => change[key] !== undefined)
        if (given.length)
          db.run(
            `update channel_states set ${given.map((key) => `${COLUMNS[key]} = ?`).join(', ')} where channel = ?`,
            ...given.map((key) => change[key] as Value),
            channel,
          )
      }),
    saveTicket({ channel, thread, ticket, url, state, readAt }) {
      db.run(
        `insert into tickets (channel, thread, ticket, url, state, read_at) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (channel, thread) do update set ticket = ?3, url = ?4, state = ?5, read_at = ?6`,
        channel,
        thread,
        ticket,
        url,
        state,
        readAt,
      )
    },
    ticket: (channel, thread) =>
      db.get<Ticket>(`select ${TICKET} from tickets where channel = ? and thread = ?`, channel, thread),
    tickets: (thread) =>
      thread === undefined
        ? db.all<Ticket>(`select ${TICKET} from tickets order by channel, thread`)
        : db.all<Ticket>(`select ${TICKET} from tickets where thread = ? order by channel`, thread),
    unsubscribe(list, address, at) {
      db.run(
        'insert into unsubscribed (list, address, at) values (?, ?, ?) on conflict (list, address) do nothing',
        list,
        address.toLowerCase(),
        at,
      )
    },
    resubscribe(list, address) {
      db.run('delete from unsubscribed where list = ? and address = ?', list, address.toLowerCase())
    },
    unsubscribed: (list) =>
      list === undefined
        ? db.all('select list, address, at from unsubscribed order by list, address')
        : db.all('select list, address, at from unsubscribed where list = ? order by address', list),
  }
}
