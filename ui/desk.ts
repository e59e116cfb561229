/** The calls of the desk: runbooks, replays, exceptions in work, plans of every sort, and what runs by itself. */
import type { InferRequestType, InferResponseType } from 'hono/client'
import type { Drafted, Plan } from './answers.ts'
import { v1 } from './client.ts'
import { sent, type Answer } from './failure.ts'

export type Runbook = InferResponseType<(typeof v1.runbooks)[':issue']['$get'], 200>
export type FixRate = Runbook['rates'][number]
export type Replay = InferResponseType<typeof v1.replays.$post, 200>
export type ReplayTarget = InferResponseType<typeof v1.replays.targets.$get, 200>[number]
export type Automation = InferResponseType<typeof v1.standing.automations.$get, 200>[number]
export type Probe = InferResponseType<typeof v1.standing.probes.$get, 200>[number]
export type PlanAsk = InferRequestType<typeof v1.plans.$post>['json']
export type PlanWindow = InferResponseType<(typeof v1.plans)[':id']['windows']['$get'], 200>[number]
export type Hours = InferRequestType<(typeof v1.plans)[':id']['arm']['$post']>['json']
export type Revision = InferRequestType<(typeof v1.plans)[':id']['revise']['$post']>['json']
type Exception = InferResponseType<(typeof v1.exceptions)[':id']['$get'], 200>

const asked = async <T>(request: Promise<Answer>): Promise<T> => JSON.parse(await (await sent(request)).text()) as T
const id = (of: string | number) => ({ id: String(of) })

export const desk = {
  runbook: (issue: string) => asked<Runbook>(v1.runbooks[':issue'].$get({ param: { issue } })),
  tick: (issue: string, step: number, done: boolean) =>
    asked<Runbook>(
      v1.runbooks[':issue'].steps[':step'].$post({ param: { issue, step: String(step) }, json: { done } }),
    ),
  rates: () => asked<FixRate[]>(v1.runbooks.rates.$get()),
  targets: () => asked<ReplayTarget[]>(v1.replays.targets.$get()),
  replay: (json: { reason: string; fingerprint: string; to: string; rate: number; canary: number }) =>
    asked<Replay>(v1.replays.$post({ json })),
  assign: (of: number, json: { team?: string | null; person?: string | null }) =>
    asked<Exception>(v1.exceptions[':id'].assign.$post({ param: id(of), json })),
  close: (of: number, reason: string) =>
    asked<Exception>(v1.exceptions[':id'].close.$post({ param: id(of), json: { reason } })),
  draft: (json: PlanAsk) => asked<Drafted>(v1.plans.$post({ json })),
  windows: (of: string) => asked<PlanWindow[]>(v1.plans[':id'].windows.$get({ param: id(of) })),
  arm: (of: string, json: Hours) => asked<Plan>(v1.plans[':id'].arm.$post({ param: id(of), json })),
  leave: (of: string, json: { reason: string; person: string }) =>
    asked<Plan>(v1.plans[':id'].leave.$post({ param: id(of), json })),
  revise: (of: string, json: Revision) => asked<Drafted>(v1.plans[':id'].revise.$post({ param: id(of), json })),
  automations: () => asked<Automation[]>(v1.standing.automations.$get()),
  startAutomation: (name: string, reason: string) =>
    asked<Automation>(v1.standing.automations[':name'].start.$post({ param: { name }, json: { reason } })),
  probes: () => asked<Probe[]>(v1.standing.probes.$get()),
  startProbe: (name: string) =>
    asked<{ plan: { number: number; state: string } | null }>(v1.standing.probes[':name'].$post({ param: { name } })),
}
