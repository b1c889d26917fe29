import { runCryptoSuiteConformance } from '../../shared/crypto/crypto-suite.suite.ts'
import { nodeAead } from './node-aead.ts'
import { nodeSuite } from './node-suite.ts'

runCryptoSuiteConformance('node:crypto', nodeSuite, nodeAead)
