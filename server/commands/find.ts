/** `plumbline find`: any list by the search grammar, as the dashboard shows it. */
import { LISTS, VOCABULARIES, type ListName } from '../../model/vocabularies.ts'
import { keysOf } from '../../model/query.ts'
import { nearest } from '../config/nearest.ts'
import { PlumblineError } from '../errors.ts'
import type { ListTable } from '../api/lists/list.ts'
import { callApi } from './api.ts'
import { text, type Command } from './command.ts'

export const find: Command = {
  usage: `${LISTS.join('|')} [QUERY]`,
  about: 'Lists what meets a search, in the words of the dashboard’s search box.',
  details: [
    'QUERY             key:value -key:value key:a,b money:>1000 age:>7d "quoted words" free words',
    '--sort ORDER      of issues: attention, risk, severity, due, age, changed, findings',
    '--limit N         rows, 100 by default',
    '--keys            which keys and words the list knows',
    'Exit 1 when anything is found.',
  ],
  options: { sort: { type: 'string' }, limit: { type: 'string' }, keys: { type: 'boolean' } },
  async run(globals, values, positionals) {
    const [name = '', ...words] = positionals
    const list = LISTS.find((l) => l === name)
    if (!list) {
      const near = nearest(name, LISTS)
      throw new PlumblineError('config', name ? `There is no list "${name}".` : 'What is to be listed?', {
        remedy: near ? `Did you mean "${near}"?` : `One of ${LISTS.join(', ')}.`,
      })
    }
    if (values.keys === true) {
      globals.out(vocabularyText(list))
      return 0
    }
    const sort = text(values, 'sort')
    const query = new URLSearchParams({
      limit: text(values, 'limit') ?? '100',
      ...(words.length > 0 && { q: words.join(' ') }),
      ...(sort !== undefined && { sort }),
    })
    const table = await callApi<ListTable>(globals, { method: 'GET', path: `/v1/lists/${list}?${query}` })
    globals.out(globals.json ? `${JSON.stringify(table, null, 2)}\n` : tableText(table))
    return table.total > 0 ? 1 : 0
  },
}

function tableText(table: ListTable): string {
  const head = `${table.rows.length} of ${table.total} ${table.title.toLowerCase()} for ${JSON.stringify(table.query)}, as of ${table.as_of}\n`
  const rows = table.rows.map(({ cells: [first, second, ...rest] }) => {
    const told = rest.flatMap((cell, n) => (cell === null ? [] : [`${table.columns[n + 2]!.toLowerCase()} ${cell}`]))
    return `${first ?? '–'}  ${second ?? ''}\n    ${told.join(' · ')}\n`
  })
  return head + rows.join('')
}

function vocabularyText(list: ListName): string {
  const v = VOCABULARIES[list]
  const lines = [
    `is:        ${v.is.join(' ')}`,
    `keys:      ${keysOf(v).join(' ')}`,
    ...Object.entries(v.values).map(([key, words]) => `${`${key}:`.padEnd(10)} ${words.join(' ')}`),
    ...Object.entries({ ...v.numbers, ...v.spans }).map(([key, says]) => `${`${key}:`.padEnd(10)} ${says}`),
  ]
  return `${lines.join('\n')}\n`
}
