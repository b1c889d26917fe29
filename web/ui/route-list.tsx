// The routes to a key, each with what it is worth and why.

import type { Explanation } from '../../client/api.ts'
import { asSentence } from '../state/problem.ts'
import { costParts, nodeName, routeFacts } from '../state/route-words.ts'
import type { ShownRoute } from '../state/shown-routes.ts'
import { shownRoutes } from '../state/shown-routes.ts'
import { usePage } from './context.ts'
import { Facts } from './facts.tsx'

export function RouteList({ explanation }: { explanation: Explanation }) {
  const routes = shownRoutes(explanation)
  if (routes.length === 0) return null
  return (
    <section aria-labelledby="routes-title">
      <h3 class="eyebrow" id="routes-title">
        Routes: the one in use, then by cost
      </h3>
      <ol class="routes" data-testid="routes">
        {routes.map(route => (
          <RouteItem key={route.hops.join()} route={route} />
        ))}
      </ol>
    </section>
  )
}

function RouteItem({ route }: { route: ShownRoute }) {
  const { hops, score, state, error, tone, word, isPeers } = route
  return (
    <li data-state={state}>
      <span class="route-top">
        <span>
          {isPeers && '… → '}
          <Way hops={hops} />
        </span>
        <span class={`route-state is-${tone}`}>
          <span class="dot" aria-hidden="true" />
          {word}
        </span>
      </span>
      {isPeers ? (
        <span class="faint">Opened by your peer; you know its last node only.</span>
      ) : (
        <>
          <span class="faint">
            <Facts of={routeFacts(route)} />
          </span>
          <span class="faint">
            <Facts of={costParts(score)} by=" " />
          </span>
        </>
      )}
      {error !== undefined && <span class="failed-text">{asSentence(error.message)}</span>}
    </li>
  )
}

/** `You → relay.example → key_9hSR6S…rUGWBu` without its two ends, which the reader knows. */
export function Way({ hops }: { hops: readonly string[] }) {
  const { state } = usePage()
  if (hops.length === 0) return <span class="way">Direct</span>
  return (
    <span class="way">
      {hops.map((hop, at) => (
        <span key={hop}>
          {at > 0 && <span class="faint"> → </span>}
          <bdi title={hop}>{nodeName(hop, state.book.value, state.serverNames.value)}</bdi>
        </span>
      ))}
    </span>
  )
}
