/** Where somebody spoke to this person: how many they have not seen, kept fresh by what happens to issues. */
import type { InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'
import { Resource } from './resource.svelte.ts'

export type Mentions = InferResponseType<typeof v1.mentions.$get, 200>

class MyMentions {
  readonly all = new Resource<Mentions>()
  get unread(): number {
    return this.all.value?.unread ?? 0
  }
  load = (): Promise<void> => this.all.load(() => asked<Mentions>(v1.mentions.$get()))
  /** Seen: these, or all. */
  async read(ids?: number[]): Promise<void> {
    this.all.set(await asked<Mentions>(v1.mentions.read.$post({ json: { ...(ids && { ids }) } })))
  }
}

export const mentions = new MyMentions()
