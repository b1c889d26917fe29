// What there is to make a private path of, in words for people. For the command line and the web client; no part of the
// library. Pure.

import type { PrivatePath, PrivatePlace, RelaySetAside } from './route-types.ts'

export const PLACE_WORDS = {
  guard: 'first, one of yours',
  middle: 'in between',
  last: 'last, one of the peer’s',
} as const satisfies Record<PrivatePlace['place'], string>

/** After the name of the relay. @param nameOf how the other one is called @param text what makes words of strangers safe to show */
export function setAsideWords(
  { reason, shared = '', with: other }: RelaySetAside,
  nameOf: (key: string) => string,
  text: (words: string) => string = words => words,
): string {
  const like = other === undefined ? '' : `, like ${nameOf(other)}`
  switch (reason) {
    case 'network':
      return `is in ${text(shared)}${like}`
    case 'operator':
      return `is run by “${text(shared)}”${like}`
    case 'unknown':
      return `shows no public address${like}`
    default:
      return WORDS[reason]
  }
}

const WORDS = {
  peer: 'is the one that is sought',
  unreachable: 'is kept for this, but there is no link to it now',
  noRelay: 'does not relay',
  noKey: 'is not known well enough',
  taken: 'is the only one for another place',
  combination: 'goes with no two of the others',
  failed: 'failed lately, and comes after others',
} as const satisfies Record<
  Exclude<RelaySetAside['reason'], 'network' | 'operator' | 'unknown'>,
  string
>

/** One sentence where there are too few relays for all places together. */
export function shortageWords({ missing }: PrivatePath): string | undefined {
  return missing === 'onlyOne' || missing === 'onlyTwo' ? SHORTAGE[missing] : undefined
}

const SHORTAGE = {
  onlyOne: 'Only one relay can be used; three are needed, one for each place.',
  onlyTwo: 'Only two relays can be used; three are needed, one for each place.',
} as const

/** Those of whom something can be told: where there are too few in all, that each is needed elsewhere says nothing. */
export function toldOf(path: PrivatePath, { setAside }: PrivatePlace): readonly RelaySetAside[] {
  if (shortageWords(path) === undefined) return setAside
  return setAside.filter(({ reason }) => reason !== 'taken' && reason !== 'combination')
}

/** Relays that cannot stand there, beyond those that are told. */
export function untold({ candidates, usable, setAside }: PrivatePlace): number {
  return candidates - usable - setAside.filter(({ reason }) => reason !== 'failed').length
}
