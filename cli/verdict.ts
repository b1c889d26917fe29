// What an explanation comes to, as a person reads it at its end. Pure.

import type { Advice } from '../client/advice.ts'
import type { MeshError } from '../client/node.ts'
import { ERROR_HINTS } from '../client/node.ts'
import type { Asker } from './explanation-text.ts'
import { printableLine } from './printable.ts'
import type { Style } from './style.ts'

/** Who was asking matters to a peer that lets in only keys that it knows. */
export function askedAs(
  { key, isNew }: Asker,
  advice: Advice,
  failure: MeshError | undefined,
): Advice {
  if (failure?.code !== 'REFUSED' || failure.hint !== ERROR_HINTS.REFUSED) return advice
  const hint = isNew
    ? 'It was asked under a new key, which it cannot know: ask under yours, with --data FOLDER or once no other program uses it.'
    : `Ask its owner to let ${key} in.`
  return { ...advice, hint }
}

/** @param failure what reaching the key failed with */
export function verdictText(
  { kind, sentence, hint }: Advice,
  failure: MeshError | undefined,
  style: Style,
): string {
  if (kind === 'reached') return `${style.green('✓')} ${sentence}`
  const said = printableLine(failure === undefined ? sentence : `${sentence} (${failure.code})`)
  return `${style.red('✗')} ${said}${hint === undefined ? '' : `\n  ${printableLine(hint)}`}`
}
