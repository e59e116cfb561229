/**
 * A mail as HTML: 640 px, tables and inline styles, no image, dark mode by media query. Only `escaped` puts text into
 * it, and only `address` puts links.
 */
import { clean, SEVERITY_MARKS, type MailContent, type MailPart } from './parts.ts'
import type { MessageLink, MessageSeverity } from '../../model/message.ts'

const FONT = 'font:14px/20px -apple-system,Segoe UI,Roboto,Arial,sans-serif'
const INK = '#161b22'
const MUTED = '#465060'
const LINE = '#d5dbe3'
const ACCENT = '#2456d3'

/** A cell of a table up to this length is not broken into lines. */
const SHORT = 12

/** Named classes, because a general rule would hide the text of the button. */
const STYLE =
  '@media(prefers-color-scheme:dark){.bg{background:#0d1117!important}.cd{background:#151b23!important;border-color:#2d3643!important}' +
  '.cd td,.cd th,.cd p,.cd h1,.cd h2{color:#e7ebf1!important;border-color:#2d3643!important}.cd .m{color:#b0bac8!important}' +
  '.cd a.l{color:#82a8ff!important}.cd a.b,.cd .f{background:#82a8ff!important;color:#0b1220!important}' +
  '.cd .e{background:#1e2630!important}.cd .c{background:#ff8e80!important;color:#0b1220!important}' +
  '.cd .h{background:#33260d!important;color:#f0b24a!important;border-color:#f0b24a!important}}' +
  '@media(max-width:480px){.p{padding:16px!important}.t{display:block!important}.s{display:block!important;width:auto!important;text-align:left!important;border-top:0!important;padding-top:0!important;padding-left:0!important}}'

export function escaped(text: string): string {
  return clean(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Web addresses alone: a link never runs anything. What is encoded already stays as it is. */
function address(url: string): string {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? escaped(new URL(url).href) : '#'
}

export function mailHtml({ locale, title, preheader, parts }: MailContent): string {
  return (
    `<!doctype html><html lang="${escaped(locale)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">` +
    `<title>${escaped(title)}</title><style>${STYLE}</style></head>` +
    `<body class="bg" style="margin:0;background:#f6f7f9"><div style="display:none;max-height:0;overflow:hidden">${escaped(preheader)}</div>` +
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:8px">` +
    `<table role="presentation" class="cd" width="640" cellpadding="0" cellspacing="0" style="max-width:640px;width:100%;background:#fff;border:1px solid ${LINE};border-radius:8px"><tr>` +
    `<td class="p" align="left" style="padding:24px;${FONT};color:${INK};overflow-wrap:anywhere">` +
    parts.map(partHtml).join('\n') +
    `</td></tr></table></td></tr></table></body></html>`
  )
}

function partHtml(p: MailPart): string {
  switch (p.part) {
    case 'badge':
      return `<p class="m" style="font-size:12px;color:${MUTED};margin:0 0 8px">${badge(p.severity, p.word)} &nbsp;${p.tags.map(escaped).join(' &middot; ')}</p>`
    case 'title':
      return `<h1 style="font-size:20px;line-height:26px;margin:0 0 8px">${escaped(p.text)}</h1>`
    case 'heading':
      return `<h2 style="font-size:15px;line-height:20px;margin:20px 0 4px">${escaped(p.text)}</h2>`
    case 'text':
      return `<p style="margin:0 0 12px">${escaped(p.text)}</p>`
    case 'facts':
      return table(
        p.facts.map(
          ({ name, value }) =>
            `<tr><td class="m" valign="top" style="${FONT};font-size:12px;color:${MUTED};padding:4px 12px 4px 0;white-space:nowrap">${escaped(name)}</td><td width="99%" style="${FONT};padding:4px 0">${escaped(value)}</td></tr>`,
        ),
      )
    case 'rows':
      return (
        table(
          p.rows.map(
            (r) =>
              `<tr><td class="t" style="padding:8px 0;border-top:1px solid ${LINE};${FONT}">${r.url ? link({ label: r.ref, url: r.url }, true) : `<b>${escaped(r.ref)}</b>`} ${escaped(r.title)}${r.detail ? `<br><span class="m" style="font-size:12px;color:${MUTED}">${escaped(r.detail)}</span>` : ''}</td>` +
              `<td class="s" align="right" valign="top" style="padding:8px 0 8px 12px;border-top:1px solid ${LINE};${FONT};white-space:nowrap">${escaped(r.amount)}</td></tr>`,
          ),
        ) + (p.more ? `<p class="m" style="font-size:12px;color:${MUTED};margin:0 0 12px">${escaped(p.more)}</p>` : '')
      )
    case 'figures':
      return table([
        `<tr>${p.figures
          .map(
            (f) =>
              `<td class="s" valign="top" style="${FONT};padding:8px 12px 8px 0"><span class="m" style="font-size:12px;color:${MUTED}">${escaped(f.name)}</span><br><b style="font-size:20px;line-height:26px">${escaped(f.value)}</b><br><span class="m" style="font-size:12px;color:${MUTED}">${escaped(f.change)}</span></td>`,
          )
          .join('')}</tr>`,
      ])
    case 'bars':
      return table(p.bars.map(bar))
    case 'table':
      return table([
        `<tr>${p.head.map((h, i) => `<th class="m" align="${side(p, i)}" style="${FONT};font-size:12px;font-weight:500;color:${MUTED};padding:4px 8px 4px 0;border-bottom:1px solid ${LINE}">${escaped(h)}</th>`).join('')}</tr>`,
        ...p.rows.map(
          (row) =>
            `<tr>${row.map((cell, i) => `<td valign="top" align="${side(p, i)}" style="${FONT};padding:6px 8px 6px 0;border-bottom:1px solid ${LINE}${p.numeric.includes(i) || cell.length <= SHORT ? ';white-space:nowrap' : ''}">${escaped(cell)}</td>`).join('')}</tr>`,
        ),
      ])
    case 'actions': {
      const [first, ...others] = p.links
      if (!first) return ''
      return (
        `<p style="margin:16px 0;line-height:32px"><a class="b" href="${address(first.url)}" style="display:inline-block;line-height:20px;background:${ACCENT};color:#fff;padding:10px 16px;border-radius:6px;text-decoration:none;font-weight:600">${escaped(first.label)}</a>` +
        `${others.map((l) => ` &nbsp; ${link(l)}`).join('')}</p>`
      )
    }
    case 'small':
      return `<p class="m" style="font-size:12px;color:${MUTED};margin:0 0 8px">${escaped(p.text)}${p.links.map((l, i) => `${i === 0 ? ' ' : ' &middot; '}${link(l)}`).join('')}</p>`
  }
}

const table = (rows: readonly string[]) =>
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px">${rows.join('')}</table>`

const side = (p: Extract<MailPart, { part: 'table' }>, column: number) =>
  p.numeric.includes(column) ? 'right' : 'left'

const link = (l: MessageLink, strong = false) =>
  `<a class="l" href="${address(l.url)}" style="color:${ACCENT}${strong ? ';font-weight:600' : ''}">${escaped(l.label)}</a>`

function badge(severity: MessageSeverity, word: string): string {
  const look =
    severity === 'critical'
      ? ['c', 'background:#b3261e;color:#fff']
      : severity === 'high'
        ? ['h', 'background:#fdf0da;color:#8a5200;border:1px solid #8a5200']
        : ['m', `color:${MUTED};border:1px solid #7d8796`]
  return `<b class="${look[0]}" style="${look[1]};padding:2px 8px;border-radius:4px;white-space:nowrap">${SEVERITY_MARKS[severity]} ${escaped(word)}</b>`
}

function bar({ name, value, share }: { name: string; value: string; share: number }): string {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100)
  const filled =
    width > 0
      ? `<td class="f" width="${width}%" style="background:${ACCENT};height:10px;font-size:1px">&nbsp;</td>`
      : ''
  const rest =
    width < 100
      ? `<td class="e" width="${100 - width}%" style="background:#eef1f5;height:10px;font-size:1px">&nbsp;</td>`
      : ''
  return (
    `<tr><td style="${FONT};padding:4px 12px 4px 0;white-space:nowrap">${escaped(name)}</td>` +
    `<td width="50%"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>${filled}${rest}</tr></table></td>` +
    `<td align="right" style="${FONT};padding:4px 0 4px 12px;white-space:nowrap">${escaped(value)}</td></tr>`
  )
}
