import { runCryptoSuiteConformance } from './crypto-suite.suite.ts'
import { nobleAead } from './noble-aead.ts'
import { nobleSuite } from './noble-suite.ts'

runCryptoSuiteConformance('noble', nobleSuite, nobleAead)
