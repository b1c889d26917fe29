// The status of the node with the round trip to its server kept current while the bar shows it, which is while there is one
// server: asked of the node itself, which measures its links all the time. Nobody else is asked.

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { NodeStatus } from '../../client/api.ts'
import { MEASURED_AGAIN_MS } from '../state/limits.ts'
import type { ServerRtts } from '../state/server-rtts.ts'
import { withRtts } from '../state/server-rtts.ts'
import { usePage } from './context.ts'

const NONE: ServerRtts = new Map()

export function useCurrentStatus(): NodeStatus {
  const { state, actions } = usePage()
  const rtts = useSignal<ServerRtts | undefined>(undefined)
  const status = state.status.value
  const online = status.servers.filter(server => server.state === 'online')
  const isWanted = state.phase.value.kind === 'running' && online.length === 1
  useEffect(() => {
    rtts.value = undefined
    if (!isWanted) return
    const controller = new AbortController()
    const { signal } = controller
    const take = (measured: ServerRtts) => {
      if (!signal.aborted) rtts.value = measured
    }
    const ask = () =>
      actions.serverRtts(signal).then(take, () => {
        // No time rather than one that may be wrong by now.
        take(NONE)
      })
    const timer = setInterval(ask, MEASURED_AGAIN_MS)
    return () => {
      clearInterval(timer)
      controller.abort()
    }
  }, [actions, isWanted, rtts])
  return rtts.value === undefined ? status : withRtts(status, rtts.value)
}
