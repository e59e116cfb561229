/** The report: one HTML file with every difference, that asks nothing of the network and runs only its own script. */
import { createHash } from 'node:crypto'
import { kindOf } from '../../model/kinds.ts'
import type { Comparison, KindSummary } from './differences.ts'
import type { GuessedFile } from './files.ts'
import { SCRIPT } from './page-script.ts'
import { STYLE } from './page-style.ts'

export interface PageOptions {
  files: readonly GuessedFile[]
  comparison: Comparison
  /** When it was made, ISO. */
  at: string
  version: string
  /** Rows that could not be read: file → number. */
  unread: Readonly<Record<string, number>>
}

const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!)
const sha = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const WORDS = { differs: 'differs', only: 'missing', several: 'several records', spelling: 'spelled otherwise' }

export function page({ files, comparison, at, version, unread }: PageOptions): string {
  const platforms = [...new Set(files.map((f) => f.platform))]
  const labels = Object.fromEntries(
    comparison.kinds.flatMap((k) => k.fields.map((f) => [`${k.kind}.${f.field}`, f.label] as const)),
  )
  const differing = comparison.kinds.flatMap((k) =>
    k.fields
      .filter((f) => f.differing > 0)
      .map((f) => [`${k.kind}.${f.field}`, `${f.label} (${k.kind}, ${f.differing})`]),
  )
  const data = {
    platforms,
    lines: comparison.lines,
    words: WORDS,
    labels,
    options: {
      kind: comparison.kinds.map((k) => [k.kind, kindOf(k.kind).title]),
      state: Object.entries(WORDS),
      field: differing,
    },
  }
  // Inside a script element only `<` could end it; the two separators end a line in older engines.
  const json = JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
  const csp = `default-src 'none'; style-src ${sha(STYLE)}; script-src ${sha(SCRIPT)}; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(platforms.join(' and '))} compared</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(platforms.join(' and '))} compared</h1>
<p>${escaped(files.map((f) => `${f.platform}: ${f.file}`).join(' · '))}. Made on ${escaped(at.slice(0, 16).replace('T', ' '))} UTC; nothing was sent anywhere.</p>
</header>
<main>
${comparison.kinds.map(summary).join('\n')}
${notRead(unread)}
<h2 id="lines">Every difference</h2>
<div class="tools" role="search" aria-labelledby="lines">
<label>Search<input id="search" type="search" autocomplete="off"></label>
<label>Kind<select id="kind"><option value="">all</option></select></label>
<label>What<select id="state"><option value="">all</option></select></label>
<label>Field<select id="field"><option value="">all</option></select></label>
<button id="csv" class="main" type="button">Save these lines as CSV</button>
</div>
<p id="count" role="status"></p>
<div class="scroll lines" tabindex="0" role="region" aria-label="Differences"><table><thead id="head"></thead><tbody id="rows"></tbody></table></div>
<div class="tools"><button id="back" type="button">Back</button><button id="next" type="button">Next</button></div>
<noscript><p>The table needs the script that stands in this file; your browser does not run it.</p></noscript>
<h2>What the columns were taken for</h2>
${files.map(columnsOf).join('\n')}
</main>
<footer class="small">Plumbline ${escaped(version)}. Values are compared by the rules of each field: spelling, punctuation of numbers and dates, and legal forms in any spelling are no differences.</footer>
<script type="application/json" id="data">${json}</script>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function summary(k: KindSummary): string {
  const card = (n: number | string, text: string) =>
    `<div class="card"><b>${escaped(String(n))}</b><span>${escaped(text)}</span></div>`
  const { plural } = kindOf(k.kind)
  const money = k.money.flatMap((m) => [
    ...(m.differing === '0' ? [] : [card(`${m.differing} ${m.currency}`.trim(), 'differ in amount, added up')]),
    ...Object.entries(m.only).map(([p, sum]) => card(`${sum} ${m.currency}`.trim(), `only in ${p}`)),
  ])
  const fields = k.fields.filter((f) => f.differing > 0)
  return `<h2>${escaped(plural[0]!.toUpperCase() + plural.slice(1))}</h2>
<p>${escaped(
    Object.entries(k.records)
      .map(([p, n]) => `${n} in ${p}`)
      .join(', '),
  )}.</p>
<div class="cards">${[
    card(k.matched, 'in all'),
    card(k.same, 'in all, without a difference'),
    card(k.differing, 'differ'),
    ...Object.entries(k.only).map(([p, n]) => card(n, `only in ${p}`)),
    ...(k.several ? [card(k.several, 'several times on one side')] : []),
    ...money,
  ].join('')}</div>
${fields.length ? `<div class="scroll"><table><thead><tr><th scope="col">Field</th><th scope="col" class="num">Differ</th><th scope="col" class="num">Compared</th></tr></thead><tbody>${fields.map((f) => `<tr><td>${escaped(f.label)}</td><td class="num">${f.differing}</td><td class="num">${f.compared}</td></tr>`).join('')}</tbody></table></div>` : ''}
${k.left.map((l) => `<p>${escaped(l.label)} was not compared everywhere: ${escaped(l.why)}.</p>`).join('')}`
}

function notRead(unread: Readonly<Record<string, number>>): string {
  const files = Object.entries(unread).filter(([, n]) => n > 0)
  return files
    .map(
      ([file, n]) =>
        `<p><span class="tag only">not read</span> ${n} rows of ${escaped(file)} could not be read and are not in this comparison.</p>`,
    )
    .join('')
}

function columnsOf(f: GuessedFile): string {
  const rows = Object.entries(f.guess.columns)
    .filter(([target]) => !target.startsWith('custom.'))
    .map(
      ([target, column]) =>
        `<tr><td>${escaped(column)}</td><td>${escaped(target)}</td><td>${escaped(f.guess.reasons[target] ?? '')}</td></tr>`,
    )
  const left = f.guess.left.length
    ? `<p class="small">Not compared: ${escaped(f.guess.left.join(', '))}. Add --map "Column=field" where one of them matters.</p>`
    : ''
  return `<details><summary>${escaped(f.platform)}: ${escaped(f.file)} (${escaped(f.kind)})</summary><div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col">taken for</th><th scope="col">because</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${left}</details>`
}
