/** Languages in the control store: what each person has chosen for the dashboard. */
import type { Database } from './database.ts'

export interface LanguageStore {
  /** Code of two letters; null: nothing was chosen, the browser's holds. */
  language(userId: string): string | null
  setLanguage(userId: string, language: string): void
}

export function languages(db: Database): LanguageStore {
  return {
    language: (userId) =>
      db.get<{ language: string }>('select language from languages where user_id = ?', userId)?.language ?? null,
    setLanguage: (userId, language) =>
      void db.run(
        `insert into languages (user_id, language) values (?, ?)
         on conflict (user_id) do update set language = excluded.language`,
        ...[userId, language],
      ),
  }
}
