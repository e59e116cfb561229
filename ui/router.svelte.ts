/** The address is the state: one table of screens, and the parameters of the present address. */
import type { Component } from 'svelte'
import Overview from './pages/overview/overview.svelte'

export interface Screen {
  name: string
  pattern: RegExp
  /** Screens beyond the first come as chunks of their own. */
  load: () => Promise<{ default: Component }>
}

/** Every screen, first match wins. */
export const SCREENS: readonly Screen[] = [
  { name: 'overview', pattern: /^\/(?:overview)?$/, load: () => Promise.resolve({ default: Overview }) },
  { name: 'home', pattern: /^\/home$/, load: () => import('./pages/home/home.svelte') },
  { name: 'set-up', pattern: /^\/set-up$/, load: () => import('./pages/set-up/set-up.svelte') },
  { name: 'issues', pattern: /^\/issues$/, load: () => import('./pages/issues/issues.svelte') },
  { name: 'issue', pattern: /^\/issues\/I-(\d{1,15})$/i, load: () => import('./pages/issue/issue.svelte') },
  { name: 'frozen', pattern: /^\/frozen\/([0-9a-f-]{36})$/, load: () => import('./pages/frozen/frozen.svelte') },
  { name: 'causes', pattern: /^\/causes$/, load: () => import('./pages/causes/causes.svelte') },
  { name: 'kpis', pattern: /^\/kpis$/, load: () => import('./pages/kpis/kpis.svelte') },
  { name: 'mentions', pattern: /^\/mentions$/, load: () => import('./pages/mentions/mentions.svelte') },
  { name: 'customers', pattern: /^\/customers$/, load: () => import('./pages/customers/customers.svelte') },
  { name: 'customer', pattern: /^\/customers\/([^/]+)$/, load: () => import('./pages/customers/customer.svelte') },
  { name: 'trace', pattern: /^\/trace$/, load: () => import('./pages/trace/trace.svelte') },
  { name: 'connectors', pattern: /^\/connectors$/, load: () => import('./pages/connectors/connectors.svelte') },
  { name: 'connector', pattern: /^\/connectors\/([^/]+)$/, load: () => import('./pages/connectors/connector.svelte') },
  { name: 'quality', pattern: /^\/quality$/, load: () => import('./pages/quality/quality.svelte') },
  { name: 'identity', pattern: /^\/identity$/, load: () => import('./pages/identity/identity.svelte') },
  {
    name: 'entity',
    pattern: /^\/identity\/([a-z]+)\/([^/]+)$/,
    load: () => import('./pages/identity/entity.svelte'),
  },
  { name: 'flows', pattern: /^\/flows$/, load: () => import('./pages/flows/flows.svelte') },
  {
    name: 'flow',
    pattern: /^\/flows\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)$/,
    load: () => import('./pages/flows/edge.svelte'),
  },
  { name: 'matching', pattern: /^\/matching$/, load: () => import('./pages/matching/matching.svelte') },
  { name: 'match', pattern: /^\/matching\/([^/]+\/[^/]+)$/, load: () => import('./pages/matching/match.svelte') },
  { name: 'checks', pattern: /^\/checks$/, load: () => import('./pages/checks/checks.svelte') },
  { name: 'check', pattern: /^\/checks\/([^/]+\/[^/]+)$/, load: () => import('./pages/checks/check.svelte') },
  {
    name: 'remediations',
    pattern: /^\/remediations$/,
    load: () => import('./pages/remediations/remediations.svelte'),
  },
  {
    name: 'by-itself',
    pattern: /^\/remediations\/by-itself$/,
    load: () => import('./pages/remediations/by-itself.svelte'),
  },
  { name: 'plan', pattern: /^\/remediations\/P-(\d{1,9})$/i, load: () => import('./pages/remediations/plan.svelte') },
  { name: 'exceptions', pattern: /^\/exceptions$/, load: () => import('./pages/exceptions/exceptions.svelte') },
  { name: 'settings', pattern: /^\/settings(?:\/([a-z]+))?$/, load: () => import('./pages/settings/settings.svelte') },
  {
    name: 'alerts',
    pattern: /^\/alerts(?:\/(routes|recipients|silences|log|own))?$/,
    load: () => import('./pages/alerts/alerts.svelte'),
  },
  { name: 'reports', pattern: /^\/reports$/, load: () => import('./pages/reports/reports.svelte') },
  {
    name: 'report-sent',
    pattern: /^\/reports\/archive\/([^/]+)$/,
    load: () => import('./pages/reports/sent.svelte'),
  },
  { name: 'report', pattern: /^\/reports\/([^/]+)$/, load: () => import('./pages/reports/report.svelte') },
  { name: 'sign-in', pattern: /^\/sign-in$/, load: () => import('./pages/sign-in/sign-in.svelte') },
]

class Router {
  #url = $state.raw(new URL(location.href))
  #screen = $derived(SCREENS.find((s) => s.pattern.test(this.#url.pathname)) ?? null)
  #match = $derived(
    (this.#screen?.pattern.exec(this.#url.pathname) ?? []).slice(1).map((part) => decodeURIComponent(part ?? '')),
  )

  get url(): URL {
    return this.#url
  }
  get screen(): Screen | null {
    return this.#screen
  }
  get match(): string[] {
    return this.#match
  }
  param(name: string): string | null {
    return this.#url.searchParams.get(name)
  }

  /** Goes to another screen or opens a panel: a new step of the history. */
  go(href: string): void {
    history.pushState(null, '', href)
    this.sync()
  }
  /** Typing and sorting: the same step of the history. */
  replace(href: string): void {
    history.replaceState(null, '', href)
    this.sync()
  }
  /** This address with some parameters changed; null takes one out. Parameters we do not know are kept. */
  with(changes: Record<string, string | null>): string {
    const url = new URL(this.#url)
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') url.searchParams.delete(name)
      else url.searchParams.set(name, value)
    }
    return url.pathname + url.search
  }
  sync = (): void => {
    this.#url = new URL(location.href)
  }

  /** Links of our own are followed without a page load. Everything else is the browser's business. */
  follow = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (
      !link ||
      link.origin !== location.origin ||
      link.target ||
      link.hasAttribute('download') ||
      link.pathname.startsWith('/v1/')
    )
      return
    if (link.hash && link.pathname === location.pathname) return
    event.preventDefault()
    this.go(link.pathname + link.search + link.hash)
  }
}

export const router = new Router()
