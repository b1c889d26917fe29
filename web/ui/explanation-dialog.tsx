// How a key is reached, or why it is not: opened from the badge of a chat. Escape or a click beside it closes.

import { useEffect, useRef } from 'preact/hooks'
import type { Explanation } from '../../client/api.ts'
import { displayName } from '../state/book.ts'
import type { Conversation } from '../state/conversation.ts'
import { pathProblem } from '../state/path-problem.ts'
import { fullSentence } from '../state/problem.ts'
import { pathBadge } from '../state/reach.ts'
import { usePage } from './context.ts'
import { DirectLine } from './direct-line.tsx'
import { ExplainedServers } from './explained-servers.tsx'
import { ExplainedSteps } from './explained-steps.tsx'
import { CloseIcon } from './icons.tsx'
import { ModeChoice } from './mode-choice.tsx'
import { PrivatePlaces } from './private-places.tsx'
import { RouteList } from './route-list.tsx'
import { useExplanation } from './use-explanation.ts'

export interface ExplanationDialogProps {
  readonly conversation: Conversation
  readonly onClose: () => void
}

export function ExplanationDialog({ conversation, onClose }: ExplanationDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { key } = conversation
  const { explanation, atMs, problem } = useExplanation(key)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-testid="explanation"
      aria-labelledby="explanation-title"
      onClose={onClose}
      onClick={event => {
        if (event.target === dialog.current) dialog.current?.close()
      }}
      // The chat behind leaves on Escape.
      onKeyDown={event => event.stopPropagation()}
    >
      <header class="dialog-head">
        <h2 id="explanation-title">
          Connection to <bdi>{displayName(conversation)}</bdi>
        </h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close"
          title="Close (Esc)"
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </header>
      <div class="dialog-body">
        {problem !== undefined && (
          <p class="verdict is-bad" role="alert">
            {fullSentence(problem)}
          </p>
        )}
        {explanation !== undefined && <Verdict explanation={explanation} />}
        <ModeChoice conversation={conversation} />
        {explanation !== undefined && (
          <>
            <RouteList explanation={explanation} />
            <DirectLine explanation={explanation} />
            <PrivatePlaces path={explanation.privatePath} />
            <ExplainedSteps explanation={explanation} nowMs={atMs} />
            <ExplainedServers explanation={explanation} nowMs={atMs} />
          </>
        )}
      </div>
    </dialog>
  )
}

/** In a sentence: how the key is reached, else why not, and what to do. */
function Verdict({ explanation }: { explanation: Explanation }) {
  const { state, actions } = usePage()
  const reach = state.reach.value.get(explanation.key)
  const status = state.status.value.state
  const { tone, title } = pathBadge(reach, { status })
  const problem = pathProblem(explanation)
  const isOpen = reach?.kind === 'open'
  const isFailed = problem?.kind === 'failed' && tone !== 'good'
  return (
    <div class={`verdict is-${isFailed && !isOpen ? 'bad' : tone}`} data-testid="verdict">
      {(isOpen || !isFailed) && <p>{title}</p>}
      {isFailed && (
        <p>
          <b>{problem.sentence}</b> {problem.hint}
        </p>
      )}
      {tone === 'none' && status === 'online' && (
        <button type="button" class="text-button" onClick={() => actions.redial(explanation.key)}>
          Try again
        </button>
      )}
    </div>
  )
}
