// The one file that knows `tweetnacl`. Few programs ever need NaCl's own boxes, so they are loaded on first use.

import type { NaclBoxes } from '../shared/identity/nacl-boxes.ts'
import { loadPart } from './load-part.ts'

/** @throws {MeshError} `UNREACHABLE` */
export async function loadNacl(): Promise<NaclBoxes> {
  const { default: nacl } = await loadPart(() => import('tweetnacl'))
  return nacl
}
