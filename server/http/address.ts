/**
 * Address guard: which network addresses a platform may be reached at. Asked for literals before a request and for
 * every resolved address at connect, so a name that changes its address between check and use gains nothing.
 */
import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { PlumblineError } from '../errors.ts'

/** Never reachable, whatever the configuration allows: link-local (cloud metadata), multicast, reserved. */
const NEVER: [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  // Addresses that carry a v4 address inside: what they reach is not what they say.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
]

/** Reachable with `allow_private_network`: on-premise platforms and the laboratory. */
const PRIVATE: [string, number, 'ipv4' | 'ipv6'][] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
]

/** True if a connection to this IP address must not be made. Text that is no IP address is refused too. */
export function isBlocked(address: string, allowPrivate: boolean): boolean {
  const plain = address.startsWith('[') ? address.slice(1, -1) : address
  const family = isIP(plain)
  if (family === 0) return true
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  return lists().never.check(plain, kind) || (!allowPrivate && lists().secluded.check(plain, kind))
}

let made: { never: BlockList; secluded: BlockList } | undefined

function lists(): { never: BlockList; secluded: BlockList } {
  const listOf = (ranges: typeof NEVER) => {
    const list = new BlockList()
    for (const [net, prefix, family] of ranges) list.addSubnet(net, prefix, family)
    return list
  }
  return (made ??= { never: listOf(NEVER), secluded: listOf(PRIVATE) })
}

/**
 * Refuses an address before anything is sent.
 * @param hosts the only hosts (with port where it is not the scheme's own) that requests may go to
 * @throws PlumblineError `config`
 */
export function checkUrl(url: URL, hosts: ReadonlySet<string>, allowPrivate: boolean): void {
  const refuse = (reason: string, remedy: string): never => {
    throw new PlumblineError('config', `The address ${url.protocol}//${url.host} is refused: ${reason}.`, { remedy })
  }
  if (url.username || url.password)
    refuse('it carries credentials', 'Put them into the settings of the connector instead.')
  if (!hosts.has(url.host))
    refuse('the host is not one of this platform’s own', 'Check the base address in the platform’s settings.')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowPrivate))
    refuse('only https is allowed', 'Use https, or set allow_private_network for a platform inside your own network.')
  const literal = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  if (isIP(literal) !== 0 && isBlocked(literal, allowPrivate))
    refuse(
      'it lies in a private or reserved network',
      'Set allow_private_network if the platform is inside your own network.',
    )
}

/** A `lookup` for node:http that resolves as the system does and refuses names with any blocked address. */
export function guardedLookup(allowPrivate: boolean, resolve: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0)
      const bad = addresses.find((a) => isBlocked(a.address, allowPrivate))
      if (bad || addresses.length === 0) {
        const refused = Object.assign(new Error(`${hostname} resolves to a private or reserved address`), {
          code: 'EBLOCKED',
        })
        return callback(refused, '', 0)
      }
      if (options.all) return (callback as unknown as (e: null, list: LookupAddress[]) => void)(null, addresses)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
}
