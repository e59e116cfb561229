/** Saved views and frozen lists in the control store. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

export interface SavedView {
  id: number
  list: string
  name: string
  /** The address without its path. */
  search: string
  /** Everybody sees it; otherwise its owner alone. */
  shared: boolean
  /** User id. */
  owner: string
  createdAt: number
  changedAt: number
}

export interface FrozenList {
  id: string
  list: string
  search: string
  owner: string
  at: number
  /** JSON of the table as it was shown. */
  body: string
}

type By = { actor: string; at: number }

export interface ViewStore {
  /** Views of one person and those that are shared, of one list or of all, oldest first. */
  savedViews(owner: string, list?: string): SavedView[]
  savedView(id: number): SavedView | null
  /** One view of a name for each owner and list: the same name again changes it. */
  saveView(view: Omit<SavedView, 'id' | 'createdAt' | 'changedAt'>, by: By): SavedView
  dropView(id: number, by: By): void
  freezeList(list: FrozenList): void
  frozenList(id: string): FrozenList | null
}

type Row = Omit<SavedView, 'shared'> & { shared: number }
const VIEW = 'id, list, name, search, shared, owner, created_at as createdAt, changed_at as changedAt'
const view = (row: Row): SavedView => ({ ...row, shared: row.shared === 1 })

export function savedViews(db: Database, audit: ControlStore['audit']): ViewStore {
  const find = (id: number): SavedView | null => {
    const row = db.get<Row>(`select ${VIEW} from saved_views where id = ?`, id)
    return row && view(row)
  }
  return {
    savedViews: (owner, list) =>
      db
        .all<Row>(
          `select ${VIEW} from saved_views where (owner = ?1 or shared = 1) and (?2 is null or list = ?2) order by id`,
          ...[owner, list ?? null],
        )
        .map(view),
    savedView: find,
    saveView: (v, { actor, at }) =>
      db.transaction(() => {
        const { id } = db.get<{ id: number }>(
          `insert into saved_views (list, name, search, shared, owner, created_at, changed_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
           on conflict (list, owner, name) do update set search = excluded.search, shared = excluded.shared, changed_at = excluded.changed_at
           returning id`,
          ...[v.list, v.name, v.search, v.shared ? 1 : 0, v.owner, at],
        )!
        audit({ at, actor, action: 'view.saved', object: `view ${id}`, detail: { ...v } })
        return find(id)!
      }),
    dropView: (id, { actor, at }) =>
      db.transaction(() => {
        const dropped = find(id)
        db.run('delete from saved_views where id = ?', id)
        audit({ at, actor, action: 'view.dropped', object: `view ${id}`, detail: { name: dropped?.name ?? null } })
      }),
    freezeList: ({ id, list, search, owner, at, body }) =>
      db.transaction(() => {
        db.run(
          'insert into frozen_lists (id, list, search, owner, at, body) values (?, ?, ?, ?, ?, ?)',
          ...[id, list, search, owner, at, body],
        )
        audit({ at, actor: owner, action: 'list.frozen', object: `list ${id}`, detail: { list, search } })
      }),
    frozenList: (id) =>
      db.get<FrozenList>('select id, list, search, owner, at, body from frozen_lists where id = ?', id),
  }
}
