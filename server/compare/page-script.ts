/** Script of the report: filters, sorting, pages and the CSV, over the data that stand in the page. Writes text, never markup. */
export const SCRIPT = `
'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const $ = (id) => document.getElementById(id)
const PAGE = 200
let shown = [], page = 0, sort = { by: null, down: false }
const platforms = data.platforms
const cell = (row, column) =>
  column.platform === undefined ? column.text(row) : row.field === null ? (row.records[column.platform] || []).join(', ') : row.values[column.platform]
const columns = [
  { id: 'kind', title: 'Kind', text: (r) => r.kind },
  { id: 'name', title: 'Name', text: (r) => r.name },
  { id: 'state', title: 'What', text: (r) => data.words[r.state] },
  { id: 'field', title: 'Field', text: (r) => (r.field === null ? '' : data.labels[r.kind + '.' + r.field] || r.field) },
  ...platforms.map((p) => ({ id: 'p-' + p, title: p, platform: p })),
  { id: 'note', title: 'Note', text: (r) => r.note },
  { id: 'linked', title: 'Found by', text: (r) => r.linked },
  { id: 'ids', title: 'Records', text: (r) => platforms.flatMap((p) => (r.records[p] || []).map((i) => p + ' ' + i)).join(', ') },
]
const el = (name, text, attributes) => {
  const e = document.createElement(name)
  if (text !== undefined && text !== null) e.textContent = text
  for (const k in attributes || {}) e.setAttribute(k, attributes[k])
  return e
}
function filter() {
  const words = $('search').value.toLowerCase().split(/\\s+/).filter(Boolean)
  const [kind, state, field] = ['kind', 'state', 'field'].map((id) => $(id).value)
  shown = data.lines.filter((r) => {
    if (kind && r.kind !== kind) return false
    if (state && r.state !== state) return false
    if (field && r.kind + '.' + r.field !== field) return false
    if (words.length === 0) return true
    const text = columns.map((c) => cell(r, c) || '').join(' ').toLowerCase()
    return words.every((w) => text.includes(w))
  })
  if (sort.by) {
    const column = columns.find((c) => c.id === sort.by)
    const number = (t) => (/^-?\\d+(\\.\\d+)?( [A-Z]{3})?$/.test(t) ? parseFloat(t) : null)
    shown.sort((a, b) => {
      const [x, y] = [cell(a, column) || '', cell(b, column) || '']
      const [m, n] = [number(x), number(y)]
      const order = m !== null && n !== null ? m - n : x.localeCompare(y)
      return sort.down ? -order : order
    })
  }
  page = 0
  render()
}
function render() {
  const body = $('rows')
  body.replaceChildren()
  for (const r of shown.slice(page * PAGE, page * PAGE + PAGE)) {
    const tr = el('tr')
    for (const c of columns) {
      const value = cell(r, c)
      const td = el('td', undefined, { 'data-label': c.title })
      if (c.id === 'state') td.append(el('span', value, { class: 'tag ' + r.state }))
      else if (value === null || value === undefined || value === '') {
        if (c.platform !== undefined) { td.textContent = r.field === null ? '–' : value === undefined ? 'no such column' : 'empty'; td.className = 'empty' }
      } else td.textContent = value
      tr.append(td)
    }
    body.append(tr)
  }
  const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1)
  $('count').textContent = shown.length + ' of ' + data.lines.length + ' lines' + (last > 0 ? ', page ' + (page + 1) + ' of ' + (last + 1) : '')
  $('back').disabled = page === 0
  $('next').disabled = page >= last
}
function csv() {
  // A cell that a spreadsheet would take for a formula is told to be text.
  const safe = (t) => { const s = t === null || t === undefined ? '' : String(t); return '"' + (/^[=+@\\t\\r-]/.test(s) && !/^-?\\d+(\\.\\d+)?$/.test(s) ? "'" + s : s).replaceAll('"', '""') + '"' }
  const lines = [columns.map((c) => safe(c.title)), ...shown.map((r) => columns.map((c) => safe(cell(r, c))))]
  const url = URL.createObjectURL(new Blob(['\\ufeff' + lines.map((l) => l.join(',')).join('\\r\\n')], { type: 'text/csv' }))
  const a = el('a', '', { href: url, download: 'differences.csv' })
  a.click()
  setTimeout(() => URL.revokeObjectURL(url), 10000)
}
const head = el('tr')
for (const c of columns) {
  const th = el('th', undefined, { scope: 'col' })
  const b = el('button', c.title, { type: 'button' })
  b.addEventListener('click', () => {
    sort = { by: c.id, down: sort.by === c.id && !sort.down }
    for (const other of head.children) other.removeAttribute('aria-sort')
    th.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending')
    filter()
  })
  th.append(b)
  head.append(th)
}
$('head').append(head)
for (const [id, options] of Object.entries(data.options)) for (const [value, title] of options) $(id).append(el('option', title, { value }))
for (const id of ['search', 'kind', 'state', 'field']) $(id).addEventListener('input', filter)
$('back').addEventListener('click', () => { page--; render() })
$('next').addEventListener('click', () => { page++; render() })
$('csv').addEventListener('click', csv)
filter()
`
