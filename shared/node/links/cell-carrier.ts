// Between router and links: a cell that a peer sends must reach its link before the next one is made, or a
// full link could not say pause in time. Whatever else comes up meanwhile waits here, in order, for the
// node's own drain. No logic beyond that.

import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { Router } from '../../routing/router.ts'
import type { RouterEffect } from '../../routing/router-messages.ts'
import type { LinkTable } from './link-table.ts'
import type { LinkTableEffect } from './link-table-types.ts'

export class CellCarrier {
  readonly #router: Router
  readonly #links: LinkTable
  readonly #linkEffects = new EffectQueue<LinkTableEffect>()
  readonly #routerEffects = new EffectQueue<RouterEffect>()

  constructor(router: Router, links: LinkTable) {
    this.#router = router
    this.#links = links
  }

  /** Call after every send. */
  carry(time: Time): void {
    for (let effect = this.#router.poll(); effect !== undefined; effect = this.#router.poll()) {
      if (effect.kind === 'transmit') this.#transmit(time, effect)
      else this.#routerEffects.push(effect)
    }
  }

  pollLink(): LinkTableEffect | undefined {
    return this.#linkEffects.shift() ?? this.#links.poll()
  }

  pollRouter(): RouterEffect | undefined {
    return this.#routerEffects.shift() ?? this.#router.poll()
  }

  #transmit(time: Time, { link, bytes }: Extract<RouterEffect, { kind: 'transmit' }>): void {
    this.#links.feed(time, link, { kind: 'send', bytes })
    for (let effect = this.#links.poll(); effect !== undefined; effect = this.#links.poll()) {
      if (effect.kind === 'pause')
        this.#router.handle(time, { kind: 'linkPause', link: effect.link })
      else if (effect.kind === 'resume') {
        this.#router.handle(time, { kind: 'linkResume', link: effect.link })
      } else this.#linkEffects.push(effect)
    }
  }
}
