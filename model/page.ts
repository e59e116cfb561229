/** The page about the model (docs/model.md), made from the field tables. */
import type { Kind } from './kind.ts'
import { KINDS } from './kinds.ts'

/** Markdown of docs/model.md; a test holds the file to it. */
export function modelPage(): string {
  return [
    '# The canonical model',
    '',
    'Every platform’s records become these kinds before anything is compared. The page is made from the tables in',
    '`model/kinds/`; change those and run `UPDATE_DOCS=1 npm test docs`.',
    '',
    'On every record: `platform`, `record_id`, `status` (the platform’s own word), `refs.<platform>` (ids of the same thing',
    'elsewhere), `created_at`, `changed_at`, `deleted`, `merged_into`, `changed_by`, `correlation_id`, `custom.<name>`.',
    'These are also the column names of CSV, NDJSON and Parquet files, and of `plumbline export records`.',
    ...KINDS.flatMap(section),
  ].join('\n')
}

function section(kind: Kind): string[] {
  const moves = kind.transitions.map(
    (t) => `${t.from} → ${t.to}${t.requires ? ` (needs ${t.requires.join(', ')})` : ''}`,
  )
  return [
    '',
    `## ${kind.name}`,
    '',
    kind.about,
    ...(kind.states.length ? ['', `States: ${kind.states.join(', ')}. Ended in: ${kind.ended.join(', ')}.`] : []),
    ...(moves.length ? ['', `Legal moves: ${moves.join('; ')}.`] : []),
    '',
    '| field | type | meaning |',
    '| --- | --- | --- |',
    ...kind.fields
      .filter((f) => f.name !== 'state' || kind.states.length > 0)
      .map((f) => `| \`${f.name}\` | ${typeOf(f)} | ${f.about} |`),
  ]
}

function typeOf(f: Kind['fields'][number]): string {
  if (f.type === 'reference') return `→ ${f.to!.join(', ')}`
  if (f.type === 'enum' && f.name !== 'state') return f.of!.join(', ')
  return f.type
}
