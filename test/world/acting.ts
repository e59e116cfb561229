/** Actions against a simulated platform: looked, planned, performed, and read in the vendor's own ledger. */
import type { Action, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../../connectors/action.ts'
import { actionsOf } from '../../connectors/action.ts'
import type { Connector } from '../../connectors/contract.ts'
import type { Mutation, SimRecord } from '../../lab/platform.ts'
import type { RawRecord } from '../../model/record.ts'
import type { Simulated } from './simulated.ts'

export interface Acting {
  action(name: string, kind: string): Action<never>
  /** A request with a key of its own. */
  request(what: Partial<ActionRequest> & Pick<ActionRequest, 'action' | 'kind'>): ActionRequest
  /** Looks, plans, performs; what the ledger gained, beside what was planned. */
  run(
    what: ActionRequest,
  ): Promise<{ outcome: ActionOutcome; planned: PlannedCall[]; wire: PlannedCall[]; standing: Standing }>
  mutations(): readonly Mutation[]
  record(kind: string, id: string): SimRecord
  /** The record as its stream maps it now. */
  mapped(stream: string, id: string): Promise<RawRecord>
}

export function acting(s: Simulated, connector: Connector<never>): Acting {
  let keys = 0
  const action: Acting['action'] = (name, kind) => {
    const found = actionsOf(connector, s.context().config).find((a) => a.name === name && a.kind === kind)
    if (!found) throw new Error(`there is no ${name} of ${kind}`)
    return found
  }
  const mutations = () => s.running.mutations?.() ?? []
  return {
    action,
    request: (what) => ({ recordId: null, fields: {}, references: {}, refs: {}, key: `key-${++keys}`, ...what }),
    async run(what) {
      const act = action(what.action, what.kind)
      const standing = await act.look(s.context(), what)
      const planned = act.calls(s.context().config, what, standing)
      const before = mutations().length
      const outcome = await act.perform(s.context(), what, standing)
      const wire = mutations()
        .slice(before)
        .map(({ method, path, body }) => ({ method, path, body }) as PlannedCall)
      return { outcome, planned, wire, standing }
    },
    mutations,
    record: (kind, id) => s.state.record(kind, id)!,
    async mapped(name, id) {
      const stream = await s.stream(name)
      return stream.map((await stream.one!(s.context(), id))!, s.context())
    },
  }
}
