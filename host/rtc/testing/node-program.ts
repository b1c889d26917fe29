// Runs all cases of node-cases.ts, and says of each on a line whether it passed. Ends by itself.

import { nodeCases } from './node-cases.ts'

for (const { name, run } of nodeCases) {
  const fault = await run().then(
    () => undefined,
    error => String(error),
  )
  process.stdout.write(`${JSON.stringify({ name, fault })}\n`)
}
