// What was tried lately to reach a key, and what came of each step.

import type { Explanation, ReachStep } from '../../client/api.ts'
import { asSentence } from '../state/problem.ts'
import { formatRtt } from '../state/reach.ts'
import { agoText, STEP_WORDS } from '../state/route-words.ts'
import { Way } from './route-list.tsx'

export function ExplainedSteps(props: { explanation: Explanation; nowMs: number }) {
  const { steps } = props.explanation
  if (steps.length === 0) return null
  return (
    <section aria-labelledby="steps-title">
      <h3 class="eyebrow" id="steps-title">
        What was tried
      </h3>
      <ol class="tried" data-testid="steps">
        {steps.map((step, at) => (
          <Step key={`${step.startedAt}/${at}`} step={step} {...props} />
        ))}
      </ol>
    </section>
  )
}

function Step(props: { step: ReachStep; explanation: Explanation; nowMs: number }) {
  const { step, hops, startedAt, tookMs, error } = props.step
  return (
    <li>
      <span class={error === undefined ? 'tried-mark' : 'tried-mark is-failed'} aria-hidden="true">
        {error === undefined ? '✓' : '✗'}
      </span>
      <span>
        <span class="visually-hidden">{error === undefined ? 'Done: ' : 'Failed: '}</span>
        {STEP_WORDS[step]}
        {step !== 'lookup' && hops.length === 0 && ' directly'}
        {hops.length > 0 && (
          <>
            {' over '}
            <Way hops={hops} explanation={props.explanation} />
          </>
        )}
        {error !== undefined && <span class="failed-text">{asSentence(error.message)}</span>}
      </span>
      <span class="faint tried-time">
        {agoText(props.nowMs - startedAt)} · {formatRtt(tookMs)}
      </span>
    </li>
  )
}
