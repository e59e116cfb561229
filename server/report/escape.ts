/** Escaping: text of platforms and people, made harmless for the place it goes to. */

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Control characters, and the marks that turn the direction of the text around them. */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

/** Without what cannot be seen. */
export const seen = (text: string): string => text.replace(UNSEEN, '')

/** For HTML text and quoted attributes. */
export const html = (text: string): string => seen(text).replace(/[&<>"']/g, (c) => HTML[c]!)

/** One line: for a subject, where a line break would begin a header of somebody else’s. */
export const oneLine = (text: string, most = 200): string => {
  const line = seen(text.replace(/[\r\n\t\u2028\u2029\u0085]+/g, ' '))
    .replace(/ {2,}/g, ' ')
    .trim()
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
