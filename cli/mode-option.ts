// The option of commands that reach peers: by which paths. A word that is no mode is never taken for one, as another
// one may show more.

import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { PathMode } from '../client/node.ts'
import { similarTo } from './similar.ts'

const MODES: readonly PathMode[] = ['fast', 'relay', 'private']
const HELP = `
Modes: fast     the best path; where that is direct, the peer sees your network address
       relay    never direct: a server stands in between, and sees both of you
       private  three nodes or more in between, none of which forwards for both of you; slower
In every mode your servers see which keys you look up; nobody in between can read what you say.`

export function addModeOption(command: Command): Command {
  const option = new Option('--mode <mode>', 'which paths may be used, see below (default: fast)')
  return command.addOption(option.argParser(modeArgument)).addHelpText('after', HELP)
}

function modeArgument(text: string): PathMode {
  const mode = MODES.find(one => one === text)
  if (mode !== undefined) return mode
  const meant = similarTo(text, MODES)
  const guess = meant === undefined ? '' : `\n(Did you mean ${meant}?)`
  throw new InvalidArgumentError(`Allowed choices are ${MODES.join(', ')}.${guess}`)
}
