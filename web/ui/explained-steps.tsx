// What was tried lately to reach a key, and what came of each step.

import type { Explanation } from '../../client/api.ts'
import { asSentence } from '../state/problem.ts'
import { formatRtt } from '../state/reach.ts'
import { agoText, STEP_WORDS } from '../state/route-words.ts'
import type { StepGroup } from '../state/step-groups.ts'
import { stepGroups } from '../state/step-groups.ts'
import { Facts } from './facts.tsx'
import { Way } from './route-list.tsx'

export function ExplainedSteps(props: { explanation: Explanation; nowMs: number }) {
  const { steps } = props.explanation
  if (steps.length === 0) return null
  return (
    <section aria-labelledby="steps-title">
      <h3 class="eyebrow" id="steps-title">
        What was tried, the newest first
      </h3>
      <ol class="tried" data-testid="steps">
        {stepGroups(steps).map(group => (
          <Step key={group.name} group={group} nowMs={props.nowMs} />
        ))}
      </ol>
    </section>
  )
}

function Step({ group, nowMs }: { group: StepGroup; nowMs: number }) {
  const { step, hops, startedAt, tookMs, error } = group.step
  const ago = agoText(nowMs - startedAt)
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
            <Way hops={hops} />
          </>
        )}
        {error !== undefined && <span class="failed-text">{asSentence(error.message)}</span>}
      </span>
      <span class="faint tried-time">
        <Facts
          of={
            group.count === 1
              ? [ago, formatRtt(tookMs)]
              : [`${group.count} times`, `last ${ago}`, formatRtt(tookMs)]
          }
        />
      </span>
    </li>
  )
}
