/**
 * The report as HTML: one column of tables with styles in place, because mail programs keep little else. No images, no
 * scripts, nothing from elsewhere. The page for browser and print is the same drawing, wider.
 */
import type { Bar, Block, ItemRow, Line, NumberCell, ReportContent } from './content.ts'
import { html } from './escape.ts'

export interface HtmlOptions {
  /** Address of the product, without a final slash. */
  origin: string
  as: 'mail' | 'page'
  /** Dark or light whatever the reader's system says: for the preview. */
  theme?: 'light' | 'dark'
  /** Links leave the frame that shows it. */
  framed?: boolean
  /** Address that ends the reader's own subscription; null: none. */
  unsubscribe?: string | null
  /** Title and address of further links: the frozen view, the data. */
  links?: readonly { text: string; href: string }[]
}

const DARK = `.bg{background:#0d1117!important}.cd{background:#151b23!important;border-color:#2d3643!important}.cd .t1{color:#e7ebf1!important}.cd .t2{color:#b0bac8!important}.cd .a{color:#82a8ff!important}.cd .ln{border-color:#2d3643!important}.cd .br{background:#7fa0e6!important}.cd .ok{color:#52cdb7!important}.cd .no{color:#ff8e80!important}.cd .nb{background:#33260d!important;color:#f0b24a!important}.cd .cb{background:#0f2e2b!important;color:#52cdb7!important}`
const NARROW = `@media(max-width:480px){.pd{padding:16px!important}.st{display:inline-block!important;width:49%!important;box-sizing:border-box;padding-bottom:12px!important}}`
const PRINT = `@page{size:A4;margin:14mm 12mm}@media print{.bg,.cd{background:#fff!important}.cd{border:0!important;max-width:none!important}.pd{padding:0!important}.noprint{display:none!important}h2{break-after:avoid}tr{break-inside:avoid}.cd .t1,.cd .t2{color:#161b22!important}.br{-webkit-print-color-adjust:exact;print-color-adjust:exact}}`

const FONT = 'font:14px/20px -apple-system,Segoe UI,Roboto,Arial,sans-serif'
const MARK: Record<string, string> = { critical: '◆', high: '▲', medium: '■', low: '●' }

export function reportHtml(content: ReportContent, options: HtmlOptions): string {
  const { as, theme } = options
  const dark = theme === 'dark' ? DARK : theme === 'light' ? '' : `@media(prefers-color-scheme:dark){${DARK}}`
  const scheme = theme ?? 'light dark'
  const width = as === 'mail' ? 640 : 880
  return `<!doctype html><html lang="${content.language}"><head><meta charset="utf-8">${options.framed ? '<base target="_top">' : ''}<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="${scheme}"><meta name="supported-color-schemes" content="${scheme}"><title>${html(content.subject)}</title><style>:root{color-scheme:${scheme}}body{overflow-wrap:anywhere}a.a{text-underline-offset:2px}${dark}${NARROW}${as === 'page' ? PRINT : ''}</style></head><body class="bg" style="margin:0;background:#f6f7f9">${as === 'mail' ? `<div style="display:none;max-height:0;overflow:hidden">${html(content.preheader)}</div>` : ''}<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:16px 8px" class="pg"><table role="presentation" class="cd" width="${width}" cellpadding="0" cellspacing="0" style="max-width:${width}px;width:100%;background:#fff;border:1px solid #d5dbe3;border-radius:8px;text-align:left"><tr><td class="pd t1" style="padding:24px;${FONT};color:#161b22">
${head(content)}${content.blocks.map((b) => block(b, options)).join('')}${foot(content, options)}</td></tr></table></td></tr></table></body></html>`
}

function head({ title, meta, notice, clear }: ReportContent): string {
  const box = (text: string | null, of: string, colours: string) =>
    text === null
      ? ''
      : `<p class="${of}" style="margin:0 0 16px;padding:8px 12px;border-radius:6px;${colours}">${html(text)}</p>`
  return `<h1 style="font-size:20px;line-height:28px;margin:0 0 4px">${html(title)}</h1><p class="t2" style="color:#465060;margin:0 0 16px">${meta.map(html).join(' &middot; ')}</p>${box(notice, 'nb', 'background:#fdf0da;color:#8a5200')}${box(clear, 'cb', 'background:#e3f4f1;color:#0b6e63')}`
}

const heading = (title: string) => `<h2 style="font-size:16px;line-height:24px;margin:20px 0 8px">${html(title)}</h2>`
const link = (text: string, href: string, { origin }: HtmlOptions, bold = false) =>
  `<a class="a" href="${html(origin + href)}" style="color:#2456d3${bold ? ';font-weight:600' : ''}">${html(text)}</a>`
const quiet = (text: string) => `<p class="t2" style="color:#465060;margin:0">${html(text)}</p>`
const table = (inside: string) =>
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0">${inside}</table>`

function block(b: Block, options: HtmlOptions): string {
  switch (b.is) {
    case 'lines':
      return heading(b.title) + lines(b.lines, options)
    case 'numbers':
      return heading(b.title) + table(`<tr>${b.cells.map(number).join('')}</tr>`)
    case 'bars':
      return (
        heading(b.title) +
        (b.none === null ? table(b.bars.map(bar).join('')) : quiet(b.none)) +
        (b.more === null ? '' : quiet(b.more))
      )
    case 'items':
      return (
        heading(b.title) +
        (b.none === null ? table(b.rows.map((r) => item(r, options)).join('')) : quiet(b.none)) +
        (b.more === null ? '' : `<p style="margin:4px 0 0">${lineHtml(b.more, options)}</p>`)
      )
    case 'notes':
      return (
        heading(b.title) +
        `<p class="t2" style="color:#465060;font-size:12px;line-height:18px;margin:0">${b.lines.map(html).join('<br>')}</p>`
      )
  }
}

const lineHtml = (line: Line, options: HtmlOptions) =>
  line.href === null ? html(line.text) : link(line.text, line.href, options)

const lines = (all: readonly Line[], options: HtmlOptions) =>
  `<ul style="margin:0;padding:0 0 0 18px">${all.map((l) => `<li style="margin:0 0 4px">${lineHtml(l, options)}</li>`).join('')}</ul>`

function number({ label, value, change, good, note }: NumberCell): string {
  const tone = good === null ? ['t2', '#465060'] : good ? ['ok', '#0b6e63'] : ['no', '#b3261e']
  return `<td class="st t2" width="25%" valign="top" style="font-size:12px;line-height:16px;color:#465060;padding:0 8px 0 0">${html(label)}<br><b class="t1" style="font-size:18px;line-height:26px;color:#161b22">${html(value)}</b>${change === null ? '' : `<br><span class="${tone[0]!}" style="color:${tone[1]!};font-weight:600">${html(change)}</span>`}${note === null ? '' : `<br>${html(note)}`}</td>`
}

function bar({ label, value, share }: Bar): string {
  const width = Math.max(1, Math.round(share * 100))
  return `<tr><td width="45%" style="font-size:13px;padding:3px 8px 3px 0">${html(label)}</td><td><table role="presentation" width="${width}%" cellpadding="0" cellspacing="0"><tr><td class="br" bgcolor="#3a5bb5" style="height:10px;line-height:10px;font-size:1px">&nbsp;</td></tr></table></td><td width="48" align="right" style="font-size:13px;padding-left:8px">${html(value)}</td></tr>`
}

function item({ ref, href, title, detail, right, severity }: ItemRow, options: HtmlOptions): string {
  const mark = severity === null ? '' : `<span aria-hidden="true">${MARK[severity] ?? ''} </span>`
  const cell = 'class="ln" style="padding:8px 0;border-top:1px solid #d5dbe3'
  return `<tr><td width="99%" ${cell}">${mark}${link(ref, href, options, true)} <bdi>${html(title)}</bdi><br><span class="t2" style="font-size:12px;line-height:16px;color:#465060"><bdi>${html(detail)}</bdi></span></td><td align="right" valign="top" ${cell.replace('class="ln', 'class="ln rt')};padding-left:12px">${sums(right)}</td></tr>`
}

/** One amount a line where there is no room for all: an amount itself is never broken. */
const sums = (text: string) =>
  text
    .split(' + ')
    .map((amount, n) => `<span style="white-space:nowrap">${n > 0 ? '+ ' : ''}${html(amount)}</span>`)
    .join(' ')

function foot(content: ReportContent, options: HtmlOptions): string {
  const all = [
    ...content.links.map((l) => lineHtml(l, options)),
    ...(options.links ?? []).map((l) => link(l.text, l.href, options)),
  ]
  const out =
    options.as === 'mail' && options.unsubscribe
      ? ` <a class="a" href="${html(options.unsubscribe)}" style="color:#2456d3">${content.language === 'de' ? 'Abbestellen' : 'Unsubscribe'}</a>`
      : ''
  const why = options.as === 'mail' ? `<br>${html(content.why)}${out}` : ''
  return `<p class="t2 ln" style="border-top:1px solid #d5dbe3;margin:20px 0 0;padding:12px 0 0;font-size:12px;line-height:20px;color:#465060"><span class="noprint">${all.join(' &nbsp; ')}</span>${why}<br>${html(content.footer)}</p>`
}
