// Reads the public vector files in Node, from KEYMESH_VECTORS or the folder beside the checkout. They are
// other projects' and are not copied: where the folder is missing their tests say that they were skipped,
// except in CI, where it is an error.

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { VectorFiles } from './vector-files.ts'

/** @returns `undefined` when there is no folder. @throws Error when there is none in CI. */
export function loadVectors(): VectorFiles | undefined {
  const folder = resolve(process.env.KEYMESH_VECTORS ?? '../shared/vectors')
  if (!existsSync(folder)) {
    if (process.env.CI === 'true') throw new Error(`the public test vectors are missing: ${folder}`)
    return undefined
  }
  const text = (name: string) => readFileSync(resolve(folder, name), 'utf8')
  const json = (name: string) => JSON.parse(text(`${name}.json`))
  return {
    x25519: json('wycheproof_x25519_test'),
    chachaPoly: json('wycheproof_chacha20_poly1305_test'),
    hkdf: json('wycheproof_hkdf_sha256_test'),
    hmac: json('wycheproof_hmac_sha256_test'),
    ed25519: json('wycheproof_ed25519_test'),
    speccheck: json('ed25519_speccheck_cases'),
    zip215: json('ed25519_zip215'),
    consensusSplit: json('ed25519_consensus_split'),
    signInput: text('ed25519_sign_input_first128.txt'),
    edToX: json('ed25519_to_x25519'),
    cacophony: json('noise_25519_ChaChaPoly_SHA256.cacophony'),
    snow: json('noise_25519_ChaChaPoly_SHA256.snow'),
  }
}
