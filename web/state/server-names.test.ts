import { expect, it } from 'vitest'
import type { ServerStatus } from '../../client/api.ts'
import { SERVER_NAMES_MAX } from './limits.ts'
import { withServers } from './server-names.ts'

const server = (key: string | undefined, host = 'one.example'): ServerStatus => ({
  url: `wss://${host}`,
  state: 'online',
  ...(key !== undefined && { key }),
})

it('servers keep their names after they are gone, as many as there may be', () => {
  const one = withServers(new Map(), [server('a')])
  expect([...one]).toEqual([['a', 'one.example']])
  expect(withServers(one, [server(undefined), server('a')])).toBe(one)
  expect(withServers(one, [server('a', 'other.example')]).get('a')).toBe('other.example')
  const many = Array.from({ length: SERVER_NAMES_MAX }, (_, at) => server(`b${at}`))
  const full = withServers(one, many)
  expect(full.size).toBe(SERVER_NAMES_MAX)
  expect(full.has('a')).toBe(false)
})
