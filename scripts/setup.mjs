// Makes a fresh clone ready, before an npm script that needs it: `node scripts/setup.mjs packages web`.
// Runs as `pre` script with nothing installed, so it and scripts/setup/ import only Node's own modules.
// Says what it does on stderr; stdout belongs to the script that follows. Silent when nothing is missing.

import { constants } from 'node:os'
import { nodeVersionProblem } from './setup/node-version.mjs'

const problem = nodeVersionProblem(process.versions.node)
if (problem) {
  console.error(problem)
  process.exit(1)
}

const { SIGINT, SIGTERM, SIGHUP } = constants.signals
for (const [name, number] of Object.entries({ SIGINT, SIGTERM, SIGHUP })) {
  process.on(name, () => process.exit(128 + number))
}

// Loaded only now: an older Node may not even parse it.
import('./setup/prepare.mjs')
  .then(({ prepare }) => prepare(process.argv.slice(2)))
  .catch(error => {
    console.error(`keymesh set-up: ${error.message}`)
    process.exit(1)
  })
