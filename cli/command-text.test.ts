import { describe, expect, it } from 'vitest'
import { commandText, networkWords, nodeWords } from './command-text.ts'

const flags = { timeout: 1_000, discovery: true, lan: true }

describe('a command to paste', () => {
  it('is what a shell reads as these words', () => {
    expect(commandText({}, ['explain', 'key_9x', '--data', "it's here", ''])).toBe(
      "keymesh explain key_9x --data 'it'\\''s here' ''",
    )
    expect(commandText({}, ['ping', '-s', 'wss://one.example:8443/#key_9x'])).toBe(
      "keymesh ping -s 'wss://one.example:8443/#key_9x'",
    )
  })

  it('begins as the command at hand was begun', () => {
    expect(commandText({ npm_lifecycle_event: 'keymesh' }, ['id'])).toBe('npm run -s keymesh -- id')
    expect(commandText({ npm_lifecycle_event: 'test' }, ['id'])).toBe('keymesh id')
  })
})

describe('the options of a command', () => {
  it('are repeated as they were given', () => {
    expect(nodeWords(flags)).toEqual([])
    const given = {
      ...flags,
      mode: 'private' as const,
      server: ['a', 'b'],
      data: 'folder',
      network: 'n',
      insecure: true as const,
      discovery: false,
      lan: false,
      webrtc: 'local' as const,
    }
    expect(nodeWords(given).join(' ')).toBe(
      '--mode private -s a -s b -d folder --network n --insecure --no-discovery --no-lan --webrtc local',
    )
  })

  it('for somebody else are those of the network, the environment included', () => {
    const given = { ...flags, mode: 'private' as const, data: 'folder', network: 'n' }
    expect(networkWords({ ...given, server: ['a'] }, { KEYMESH_SERVERS: 'b' })).toEqual([
      '-s',
      'a',
      '--network',
      'n',
    ])
    expect(networkWords(flags, { KEYMESH_SERVERS: 'b, c' })).toEqual(['-s', 'b', '-s', 'c'])
    expect(networkWords(flags, {})).toEqual([])
  })
})
