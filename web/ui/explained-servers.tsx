// What is known of a key, and of the servers on both sides.

import type { Explanation, ServerStatus } from '../../client/api.ts'
import { asSentence } from '../state/problem.ts'
import { formatRtt } from '../state/reach.ts'
import { nodeName, recordWords } from '../state/route-words.ts'
import { hostOf } from '../state/status-line.ts'
import { usePage } from './context.ts'

export function ExplainedServers(props: { explanation: Explanation; nowMs: number }) {
  const { state } = usePage()
  const { explanation, nowMs } = props
  const { servers, homes, type } = explanation
  return (
    <section aria-labelledby="servers-title">
      <h3 class="eyebrow" id="servers-title">
        Record and servers
      </h3>
      <dl class="facts">
        <dt>This key</dt>
        <dd>{recordWords(explanation, nowMs)}</dd>
        <dt>Its servers</dt>
        <dd>
          {homes.length === 0 && (type === 'server' ? 'It is one itself.' : 'None that is known.')}
          {homes.map(home => (
            <code key={home} title={home}>
              {nodeName(home, state.book.value, state.serverNames.value)}
            </code>
          ))}
        </dd>
        <dt>Your servers</dt>
        <dd>
          {servers.length === 0 && 'None.'}
          {servers.map(server => (
            <span key={server.url}>
              <code>{hostOf(server.url)}</code> {serverWords(server)}
            </span>
          ))}
        </dd>
      </dl>
    </section>
  )
}

function serverWords({ state, rttMs, error }: ServerStatus): string {
  if (error !== undefined) return asSentence(error.message)
  return state === 'online' && rttMs !== undefined ? `online, ${formatRtt(rttMs)}` : state
}
