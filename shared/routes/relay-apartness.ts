// What the relays of a private path must not have in common (docs/PROTOCOL.md 5, threat 20): no key stands there twice,
// and no two relays are of one network or operator, as far as their records tell. What a record tells is in
// shared/node/routes/relay-kinds.ts.

import type { KeyId } from '../identity/node-id.ts'

/** A kind of relay-kinds.ts; `unknown` is that of all relays of whom nothing is known. */
export type Kind = 'unknown' | `${'v4' | 'v6' | 'name' | 'operator'}:${string}`
export type KindsOf = (key: KeyId) => readonly Kind[]

/** @returns `undefined` for two that may stand in one path, else a kind of both; `same` is one relay twice */
export type CommonKind = (a: KeyId, b: KeyId) => Kind | 'same' | undefined

/** Unless nothing is known of anybody: in a lab all are on private addresses. */
export function withUnknown(keys: readonly KeyId[], kindsOf: KindsOf): KindsOf {
  const known = new Map(keys.map(key => [key, kindsOf(key)]))
  const isLab = [...known.values()].every(kinds => kinds.length === 0)
  return key => {
    const kinds = known.get(key) ?? []
    return kinds.length > 0 || isLab ? kinds : ['unknown']
  }
}

export function commonKindBy(kindsOf: KindsOf): CommonKind {
  return (a, b) => {
    const kinds = kindsOf(b)
    return a === b ? 'same' : kindsOf(a).find(kind => kinds.includes(kind))
  }
}
