/** Layouts in the control store: which cards of a screen a person is shown, in which order. */
import type { Database } from './database.ts'

export interface LayoutStore {
  /** Screen → cards, of one person. */
  layouts(userId: string): Record<string, string[]>
  /** Null: as the role has it. A way of looking, not a decision: it is not audited. */
  keepLayout(userId: string, screen: string, cards: readonly string[] | null, at: number): void
}

export function layouts(db: Database): LayoutStore {
  return {
    layouts: (userId) =>
      Object.fromEntries(
        db
          .all<{ screen: string; cards: string }>('select screen, cards from layouts where user_id = ?', userId)
          .map(({ screen, cards }) => [screen, JSON.parse(cards) as string[]]),
      ),
    keepLayout(userId, screen, cards, at) {
      if (cards === null) db.run('delete from layouts where user_id = ? and screen = ?', userId, screen)
      else
        db.run(
          `insert into layouts (user_id, screen, cards, changed_at) values (?, ?, ?, ?)
           on conflict (user_id, screen) do update set cards = excluded.cards, changed_at = excluded.changed_at`,
          ...[userId, screen, JSON.stringify(cards), at],
        )
    },
  }
}
