/** Lists and ways of looking at them, as the API keeps them: saved and shared views, frozen lists, a list as text. */
import type { InferResponseType } from 'hono/client'
import type { ListName } from '../model/vocabularies.ts'
import { asked, done, written } from './asked.ts'
import { v1 } from './client.ts'

export type SavedView = InferResponseType<typeof v1.views.$get, 200>[number]
export type FrozenList = InferResponseType<(typeof v1.lists.frozen)[':id']['$get'], 200>

export interface Ask {
  q: string
  sort?: string
  limit?: string
}

export const lists = {
  views: (list: ListName) => asked<SavedView[]>(v1.views.$get({ query: { list } })),
  saveView: (json: { list: ListName; name: string; search: string; shared: boolean }) =>
    asked<SavedView>(v1.views.$post({ json })),
  dropView: (id: number) => done(v1.views[':id'].$delete({ param: { id: String(id) } })),
  counts: (q: string[]) => asked<(number | null)[]>(v1.lists.issues.counts.$get({ query: { q } })),
  freeze: (list: ListName, search: string) =>
    asked<{ id: string; path: string }>(v1.lists[':list'].freeze.$post({ param: { list }, json: { search } })),
  frozen: (id: string) => asked<FrozenList>(v1.lists.frozen[':id'].$get({ param: { id } })),
  markdown: (list: ListName, ask: Ask) =>
    written(v1.lists[':list'].$get({ param: { list }, query: { ...ask, format: 'md' } })),
  /** Address of the same list as a spreadsheet, whole. */
  csv: (list: ListName, ask: Ask) =>
    `/v1/lists/${list}?${new URLSearchParams({ ...ask, limit: '10000', format: 'csv' } as Record<string, string>).toString()}`,
}
