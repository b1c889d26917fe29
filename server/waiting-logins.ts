// Links that have not logged in yet, and which of them makes way when there are too many (docs/THREATS.md 10):
// the oldest of the address that has most. So a few addresses cannot hold every place, and who logs in
// quickly gets through. Pure; closes nothing.

import { addressGroupOf } from '../host/node/address.ts'
import type { LinkId } from '../shared/link/link-id.ts'

export interface WaitingLogin {
  readonly address: string | undefined
}

export class WaitingLogins {
  /** Oldest first. */
  readonly #logins = new Map<LinkId, WaitingLogin>()

  get size(): number {
    return this.#logins.size
  }

  add(link: LinkId, address: string | undefined): void {
    this.#logins.set(link, { address })
  }

  /** @returns what is no longer waited for, `undefined` when it was not */
  remove(link: LinkId): WaitingLogin | undefined {
    const login = this.#logins.get(link)
    this.#logins.delete(link)
    return login
  }

  /** @returns the login to end in favour of one from `address`; none for who has as many as anybody */
  toGiveUpFor(address: string | undefined): LinkId | undefined {
    const groups = new Map<string, { readonly oldest: LinkId; count: number }>()
    for (const [link, login] of this.#logins) {
      const { network } = addressGroupOf(login.address)
      const group = groups.get(network)
      if (group === undefined) groups.set(network, { oldest: link, count: 1 })
      else group.count += 1
    }
    let oldest: LinkId | undefined
    let most = groups.get(addressGroupOf(address).network)?.count ?? 0
    for (const group of groups.values()) {
      if (group.count <= most) continue
      most = group.count
      oldest = group.oldest
    }
    return oldest
  }
}
