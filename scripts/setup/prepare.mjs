// The steps of the set-up and their order. Each step knows whether it is needed without touching the
// network; only a run with work to do takes the lock, and looks again once it has it.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { browsersStep } from './browsers.mjs'
import { labStep } from './lab.mjs'
import { withLock } from './lock.mjs'
import { packagesStep } from './packages.mjs'
import { webStep } from './web.mjs'

/**
 * @typedef {object} Step
 * @property {() => boolean | Promise<boolean>} isNeeded reads local files only
 * @property {() => Promise<void>} work throws one clear sentence when it cannot be done
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** @type {Record<string, (root: string) => Step>} */
const STEPS = {
  packages: packagesStep,
  web: webStep,
  browsers: browsersStep,
  lab: () => labStep(),
}

/** @param {string[]} names of steps, in the order wanted @param {string} root of the checkout */
export async function prepare(names, root = ROOT) {
  for (const name of names) {
    const create = STEPS[name]
    if (!create)
      throw new Error(`there is no step "${name}", only ${Object.keys(STEPS).join(', ')}.`)
    const step = create(root)
    if (!(await step.isNeeded())) continue
    await withLock(join(root, '.keymesh', 'setup.lock'), async () => {
      if (await step.isNeeded()) await step.work()
    })
  }
}
