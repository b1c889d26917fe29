import { describe, expect, it } from 'vitest'
import type { RecordView } from '../client/node.ts'
import { MeshError } from '../client/node.ts'
import { explanationOf, ME, OTHER_SERVER, routeOf, SERVER } from '../client/testing/explanations.ts'
import { namesIn, ownNames } from './node-names.ts'

const recordOf = (key: string, ...endpoints: string[]): RecordView => ({
  key,
  type: 'server',
  lastSeen: 0,
  sequence: 0,
  servers: [],
  endpoints,
  metadata: {},
})

const lookUpIn =
  (...records: RecordView[]) =>
  async (key: string): Promise<RecordView> => {
    const record = records.find(one => one.key === key)
    if (record === undefined) throw new MeshError('NOT_FOUND', 'No server knows this key.')
    return record
  }

describe('names of nodes', () => {
  it('are the hosts of our servers, as far as they have proven their keys', () => {
    const names = ownNames([
      { url: 'wss://one.example', state: 'online', key: SERVER },
      { url: 'ws://127.0.0.1:8081', state: 'online', key: OTHER_SERVER },
      { url: 'wss://three.example', state: 'waiting' },
    ])
    expect([...names]).toEqual([
      [SERVER, 'one.example'],
      [OTHER_SERVER, '127.0.0.1:8081'],
    ])
  })

  it('of others are looked up, those of the key, its servers and all routes', async () => {
    const explanation = explanationOf({
      homes: [OTHER_SERVER],
      routes: [routeOf({ hops: [SERVER, ME] })],
    })
    const lookUp = lookUpIn(
      recordOf(OTHER_SERVER, 'wss://two.example:8443', 'wss://192.0.2.1'),
      recordOf(ME, 'wss://three.example'),
    )
    expect([...(await namesIn(explanation, lookUp))]).toEqual([
      [SERVER, 'one.example'],
      [OTHER_SERVER, 'two.example:8443'],
      [ME, 'three.example'],
    ])
  })

  it('are not taken from others, and no two nodes have the same', async () => {
    const explanation = explanationOf({ homes: [OTHER_SERVER, ME] })
    const claims = (...names: string[]) =>
      namesIn(
        explanation,
        lookUpIn(recordOf(OTHER_SERVER, names[0] ?? ''), recordOf(ME, names[1] ?? '')),
      )
    expect([...(await claims('wss://one.example', 'nonsense'))]).toEqual([[SERVER, 'one.example']])
    expect([...(await claims('wss://two.example', 'wss://two.example'))]).toEqual([
      [SERVER, 'one.example'],
    ])
  })

  it('are not asked for where the path is a private matter', async () => {
    const asked: string[] = []
    const lookUp = async (key: string) => {
      asked.push(key)
      return recordOf(key, 'wss://two.example')
    }
    const explanation = explanationOf({ mode: 'private', homes: [OTHER_SERVER] })
    expect([...(await namesIn(explanation, lookUp))]).toEqual([[SERVER, 'one.example']])
    expect(asked).toEqual([])
  })
})
