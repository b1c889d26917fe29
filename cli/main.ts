#!/usr/bin/env node
// The keymesh command. Ends by itself when everything is closed and written; never cuts its own output.

import { run } from './program.ts'

process.exitCode = await run(process.argv.slice(2))
