/** Who is signed in, and what their role may do. The server decides; this only hides what it would refuse. */
import { api, asFailure, onSignedOut, type Failure, type Role, type Session } from './api.ts'
import { language, LANGUAGES } from './language.ts'

type Permission = 'view' | 'operate' | 'approve' | 'administer'
const GRANTS: Record<Role, readonly Permission[]> = {
  viewer: ['view'],
  operator: ['view', 'operate'],
  approver: ['view', 'operate', 'approve'],
  admin: ['view', 'operate', 'administer'],
}

/** A page that comes in the wrong language again is kept: a reload must never follow itself. */
function firstTry(language: string): boolean {
  try {
    if (sessionStorage.getItem('plumbline.language') === language) return false
    sessionStorage.setItem('plumbline.language', language)
    return true
  } catch {
    return false
  }
}

class SessionState {
  #session = $state.raw<Session | null>(null)
  #failure = $state.raw<Failure | null>(null)

  constructor() {
    onSignedOut(() => {
      if (this.#session?.user) this.#session = { ...this.#session, user: null }
    })
  }
  get known(): Session | null {
    return this.#session
  }
  get failure(): Failure | null {
    return this.#failure
  }
  get user() {
    return this.#session?.user ?? null
  }
  may(permission: Permission): boolean {
    return this.user !== null && GRANTS[this.user.role].includes(permission)
  }
  set(session: Session): void {
    this.#session = session
    this.#failure = null
    // Whoever signs in gets the language that they chose elsewhere; the server knows it now. Served from sources there is one.
    const chosen = session.user?.language ?? language
    if (import.meta.env.PROD && chosen !== language && LANGUAGES.includes(chosen) && firstTry(chosen)) location.reload()
  }
  async load(): Promise<void> {
    try {
      this.set(await api.session())
    } catch (thrown) {
      this.#failure = asFailure(thrown)
    }
  }
  async signOut(): Promise<void> {
    await api.signOut()
    await this.load()
  }
}

export const session = new SessionState()
