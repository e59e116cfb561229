/** The draft of the set-up as it is edited here: kept on the server after every step, so that it goes on where somebody left it. */
import type { InferRequestType, InferResponseType } from 'hono/client'
import { asFailure, type Failure } from '../../api.ts'
import { asked } from '../../asked.ts'
import { v1 } from '../../client.ts'
import { session } from '../../session.svelte.ts'

const routes = v1['set-up']
export type SetUp = InferResponseType<typeof routes.$get, 200>
type Kept = NonNullable<SetUp['draft']>
/** Settings of a connector are whatever its schema says. */
export type PlatformDraft = Omit<Kept['platforms'][number], 'config'> & { config: Record<string, unknown> }
export type Draft = Omit<Kept, 'platforms'> & { platforms: PlatformDraft[] }
export type Preview = InferResponseType<typeof routes.preview.$post, 200>
type Sent = InferRequestType<typeof routes.preview.$post>['json']

export interface Field {
  path: string[]
  type: 'text' | 'secret' | 'path' | 'number' | 'switch' | 'choice' | 'group' | 'variants' | 'yaml'
  about: string
  required: boolean
  default?: string | null
  choices?: string[]
  fields?: Field[]
  by?: string
  variants?: { value: string; about: string; fields: Field[] }[]
}
export interface Form {
  connector: string
  title: string
  fields: Field[]
}

const EMPTY: Draft = { step: 'stages', company: '', without: [], roles: {}, platforms: [], owners: {} }
/** How often a server that starts anew is asked whether it is there, and for how long. */
const AGAIN_MS = 300
const PATIENCE_MS = 60_000

class SetUpState {
  #known = $state.raw<SetUp | null>(null)
  #preview = $state.raw<Preview | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #busy = $state(false)
  #keeping: Promise<unknown> = Promise.resolve()
  draft = $state<Draft>(structuredClone(EMPTY))

  get known() {
    return this.#known
  }
  get preview() {
    return this.#preview
  }
  get failure() {
    return this.#failure
  }
  get busy() {
    return this.#busy
  }
  load = (): Promise<boolean> =>
    this.#do(async () => {
      this.#known = await asked<SetUp>(routes.$get())
      this.draft = this.#known.draft ?? structuredClone(EMPTY)
    })
  keep = (step: Draft['step']): Promise<boolean> =>
    this.#do(async () => {
      this.#known = await asked<SetUp>(routes.draft.$put({ json: { ...this.#sent(), step } }))
      // Only what is kept is shown as the next step.
      this.draft.step = step
    })
  look = (platform: string): Promise<boolean> =>
    this.#do(async () => {
      // A secret that was just pasted has its reference first.
      await this.#keeping
      const at = this.draft.platforms.find((p) => p.name === platform)!
      at.seen = await asked<NonNullable<PlatformDraft['seen']>>(
        routes.look.$post({ json: { draft: this.#sent(), platform } }),
      )
    })
  propose = (): Promise<boolean> =>
    this.#do(async () => {
      this.#preview = null
      this.#preview = await asked<Preview>(routes.preview.$post({ json: this.#sent() }))
    })
  form = (connector: string): Promise<Form> =>
    asked<Form>(routes.connectors[':name'].$get({ param: { name: connector } }))
  secret = async (platform: string, place: string, value: string): Promise<string> => {
    const kept = asked<{ reference: string }>(routes.secrets.$post({ json: { platform, place, value } }))
    this.#keeping = kept.catch(() => undefined)
    return (await kept).reference
  }
  /** Writes the file and waits until the product runs over it. */
  write = (): Promise<boolean> =>
    this.#do(async () => {
      const { hash } = this.#preview!
      await asked<Preview>(routes.write.$post({ json: { draft: this.#sent(), hash } }))
      await this.#again()
    })
  sample = (show: boolean): Promise<boolean> =>
    this.#do(async () => {
      await asked<SetUp>(show ? routes.sample.$post() : routes.sample.$delete())
      await this.#again()
    })

  /** Plain data, as it travels. */
  #sent = (): Sent => JSON.parse(JSON.stringify(this.draft)) as Sent
  async #do(work: () => Promise<void>): Promise<boolean> {
    this.#busy = true
    this.#failure = null
    try {
      await work()
      return true
    } catch (thrown) {
      this.#failure = asFailure(thrown)
      return false
    } finally {
      this.#busy = false
    }
  }
  /** The server closes and opens again: it is another start of it that answers then. */
  async #again(): Promise<void> {
    const before = this.#known?.started
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
      await new Promise((later) => setTimeout(later, AGAIN_MS))
      const known = await asked<SetUp>(routes.$get()).catch(() => null)
      if (!known || known.started === before) continue
      this.#known = known
      this.draft = known.draft ?? structuredClone(EMPTY)
      await session.load()
      return
    }
    throw new Error('The server has not come back. Its log says why.')
  }
}

export const setUp = new SetUpState()
