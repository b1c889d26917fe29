import { expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { EndReason } from '../../routing/circuit.ts'
import { failureOfCircuit } from './telling-failure.ts'

const WAYS = [[], ['a'], ['a', 'h'], ['a', 'x', 'h']] as unknown as readonly KeyId[][]

it.each<[EndReason, readonly string[]]>([
  ['unreachable', ['OFFLINE', 'OFFLINE', 'NO_PATH', 'NO_PATH']],
  ['closed', ['OFFLINE', 'OFFLINE', 'OFFLINE', 'NO_PATH']],
  ['linkLost', ['UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE']],
  ['quota', ['QUOTA', 'QUOTA', 'QUOTA', 'QUOTA']],
])('`%s` over none to three relays', (reason, codes) => {
  expect(WAYS.map(relays => failureOfCircuit(relays, reason, undefined).code)).toEqual(codes)
})
