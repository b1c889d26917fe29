// Contacts for tests of what compares ids and never hashes: random ids, or ids chosen bit by bit.

import { toHex } from '../../bytes/hex.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { Contact, DhtId } from '../contact.ts'

/** A contact with a random key at a place of its own. */
export function contactAt(random: RandomBytes, id: DhtId): Contact {
  const key = random(32)
  return { key: keyIdOf(key), id, url: `wss://[2001:db8::${key[0]}]:${1 + (key[1] ?? 0)}` }
}

export function randomContact(random: RandomBytes): Contact {
  return contactAt(random, random(32))
}

export function randomContacts(random: RandomBytes, count: number): Contact[] {
  return Array.from({ length: count }, () => randomContact(random))
}

/** 256 bits that begin as given, '0b' left out; the rest is zero. */
export function idOf(bits: string): DhtId {
  const id = new Uint8Array(32)
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === '1') id[i >> 3] = (id[i >> 3] as number) | (0x80 >> (i & 7))
  }
  return id
}

/** For models: slow and plainly right. */
export function toBigInt(id: DhtId): bigint {
  return id.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

/** The `count` contacts nearest to `target`, nearest first, by arithmetic. */
export function nearestOf(contacts: readonly Contact[], target: DhtId, count: number): Contact[] {
  const at = toBigInt(target)
  const distance = ({ id }: Contact): bigint => toBigInt(id) ^ at
  return contacts.toSorted((a, b) => (distance(a) < distance(b) ? -1 : 1)).slice(0, count)
}

/** Their keys in hex, which a failed test can show. */
export function keysOf(contacts: readonly Contact[]): string[] {
  return contacts.map(({ key }) => toHex(publicKeyOf(key)))
}

export function keyOf(contact: Contact): string {
  return toHex(publicKeyOf(contact.key))
}
