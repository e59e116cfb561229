/**
 * A workbook of one sheet (Office Open XML): typed cells, a bold header that stays in sight, a filter, no formulas.
 * Text is written in place and marked as text, so that a spreadsheet never takes it for a formula.
 */
import { zipSync, strToU8, type Zippable } from 'fflate'
import { seen } from './escape.ts'

export interface SheetColumn<Row> {
  name: string
  type: 'text' | 'number' | 'instant'
  of(row: Row): string | null
}

/** A cell holds no more characters. */
const CELL_MAX = 32_767
/** Digits that a spreadsheet's number keeps. */
const DIGITS_MAX = 15
/** A sheet holds no more rows, the header included. */
export const SHEET_ROWS_MAX = 1_048_576

export function xlsx<Row>(columns: readonly SheetColumn<Row>[], rows: readonly Row[]): Uint8Array {
  const used = rows.slice(0, SHEET_ROWS_MAX - 1)
  const last = `${letter(columns.length - 1)}${used.length + 1}`
  const header = columns.map((c, i) => textCell(`${letter(i)}1`, c.name, 1)).join('')
  const body = used
    .map((row, n) => {
      const cells = columns.map((c, i) => cell(`${letter(i)}${n + 2}`, c.type, c.of(row))).join('')
      return `<row r="${n + 2}">${cells}</row>`
    })
    .join('')
  const widths = columns.map((c, i) => `<col min="${i + 1}" max="${i + 1}" width="${WIDTH[c.type]}" customWidth="1"/>`)
  const sheet = `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData><row r="1">${header}</row>${body}</sheetData><autoFilter ref="A1:${last}"/></worksheet>`
  const files: Zippable = {}
  for (const [name, text] of Object.entries({ ...PARTS, 'xl/worksheets/sheet1.xml': sheet }))
    // The first year that the format knows: the same rows make the same bytes.
    files[name] = [strToU8(text), { mtime: new Date(1980, 0, 2) }]
  return zipSync(files)
}

function cell(at: string, type: SheetColumn<never>['type'], value: string | null): string {
  if (value === null) return ''
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(value) && value.replace(/\D/g, '').length <= DIGITS_MAX)
    return `<c r="${at}" s="3"><v>${value}</v></c>`
  const day = type === 'instant' ? serial(value) : null
  return day === null ? textCell(at, value, 0) : `<c r="${at}" s="2"><v>${day}</v></c>`
}

const textCell = (at: string, value: string, style: number) =>
  `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xml(value.slice(0, CELL_MAX))}</t></is></c>`

/** Days since 30 December 1899, UTC: what a spreadsheet calls a date. */
function serial(iso: string): string | null {
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? null : (ms / 86_400_000 + 25_569).toFixed(8).replace(/\.?0+$/, '')
}

/** A, B, … Z, AA: columns as spreadsheets name them. */
function letter(n: number): string {
  return n < 26 ? String.fromCharCode(65 + n) : letter(Math.floor(n / 26) - 1) + letter(n % 26)
}

/** XML allows no control characters at all, and no half of a surrogate pair. */
const xml = (text: string) =>
  seen(text)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

const WIDTH = { text: 22, number: 16, instant: 20 } as const
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

const PARTS: Record<string, string> = {
  '[Content_Types].xml': `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPES}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPES}.styles+xml"/></Types>`,
  '_rels/.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Findings" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  // Styles by index: 0 plain text, 1 bold header, 2 date and time, 3 amount.
  'xl/styles.xml': `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="#,##0.00#######"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>`,
}
