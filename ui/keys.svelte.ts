/** Keys: the single-key shortcuts of the shell and of the present screen. Never active while somebody types. */

export interface KeyMap {
  /** Key as the browser names it, with Shift- in front where it is held → what it does. */
  [key: string]: (event: KeyboardEvent) => void
}

const OFF = 'plumbline.keys'
/** A second key must follow G within this time. */
const SEQUENCE_MS = 1_500

class Keys {
  #enabled = $state(read())
  #maps: KeyMap[] = []
  #sequence = 0

  get enabled(): boolean {
    return this.#enabled
  }
  set enabled(on: boolean) {
    this.#enabled = on
    try {
      localStorage.setItem(OFF, on ? 'on' : 'off')
    } catch {
      // Storage may be forbidden; the choice then holds for this page.
    }
  }
  /** Adds keys of a screen until the returned function is called. The last map added is asked first. */
  add(map: KeyMap): () => void {
    this.#maps.push(map)
    return () => void (this.#maps = this.#maps.filter((m) => m !== map))
  }
  press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !this.#enabled || typing(event.target) || document.querySelector('dialog[open]'))
      return
    const held = event.ctrlKey || event.metaKey
    if (event.altKey || (held && event.key.toLowerCase() !== 'a')) return
    const second = Date.now() - this.#sequence < SEQUENCE_MS
    this.#sequence = 0
    if (event.key === 'g' && !second) {
      this.#sequence = Date.now()
      return
    }
    const bare = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const name = `${second ? 'g ' : ''}${held ? 'Ctrl-' : ''}${event.shiftKey && /^[a-z]$/.test(bare) ? 'Shift-' : ''}${bare}`
    const action = this.#maps.findLast((m) => Object.hasOwn(m, name))?.[name]
    if (!action) return
    // Enter and Space on a button or link are the browser's own.
    if (
      (name === ' ' || name === 'Enter') &&
      event.target instanceof Element &&
      event.target.closest('button, summary, [role=tab]')
    )
      return
    event.preventDefault()
    action(event)
  }
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && target.type === 'checkbox')
  )
}

function read(): boolean {
  try {
    return localStorage.getItem(OFF) !== 'off'
  } catch {
    return true
  }
}

export const keys = new Keys()
