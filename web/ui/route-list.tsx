// The routes to a key, best first, each with what it is worth and why.

import type { Explanation, Route } from '../../client/api.ts'
import { asSentence } from '../state/problem.ts'
import { costText, nodeName, ROUTE_STATES, routeFacts } from '../state/route-words.ts'
import { usePage } from './context.ts'

export function RouteList({ explanation }: { explanation: Explanation }) {
  const { routes } = explanation
  if (routes.length === 0) return null
  return (
    <section aria-labelledby="routes-title">
      <h3 class="eyebrow" id="routes-title">
        Routes, the best first
      </h3>
      <ol class="routes" data-testid="routes">
        {routes.map(route => (
          <RouteItem key={route.hops.join()} route={route} explanation={explanation} />
        ))}
      </ol>
    </section>
  )
}

function RouteItem({ route, explanation }: { route: Route; explanation: Explanation }) {
  const { hops, score, state, error } = route
  const { tone, text } = ROUTE_STATES[state]
  return (
    <li data-state={state}>
      <span class="route-top">
        <Way hops={hops} explanation={explanation} />
        <span class={`route-state is-${tone}`}>
          <span class="dot" aria-hidden="true" />
          {text}
        </span>
      </span>
      <span class="faint">{routeFacts(route)}</span>
      <span class="faint">{costText(score)}</span>
      {error !== undefined && <span class="failed-text">{asSentence(error.message)}</span>}
    </li>
  )
}

/** `You → relay.example → key_9hSR6S…rUGWBu` without its two ends, which the reader knows. */
export function Way(props: { hops: readonly string[]; explanation: Explanation }) {
  const { state } = usePage()
  if (props.hops.length === 0) return <span class="way">Direct</span>
  return (
    <span class="way">
      {props.hops.map((hop, at) => (
        <span key={hop}>
          {at > 0 && <span class="faint"> → </span>}
          <bdi title={hop}>{nodeName(hop, props.explanation, state.book.value)}</bdi>
        </span>
      ))}
    </span>
  )
}
