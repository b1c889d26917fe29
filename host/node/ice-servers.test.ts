import { expect, it } from 'vitest'
import { usableServer } from './ice-servers.ts'

const STUN = 'stun:example.org'
const TURN = 'turn:example.org:3478?transport=udp'

it.each<[string, RTCIceServer, RTCIceServer[]]>([
  ['is left as it is', { urls: [STUN] }, [{ urls: [STUN] }]],
  ['may be one address', { urls: STUN }, [{ urls: [STUN] }]],
  ['loses its addresses over TLS', { urls: ['stuns:example.org', TURN] }, [{ urls: [TURN] }]],
  ['loses IPv6 addresses', { urls: ['stun:[2001:db8::1]:3478', STUN] }, [{ urls: [STUN] }]],
  ['may lose them all', { urls: ['STUNS:example.org', 'stun:[::1]'] }, []],
  [
    'has its login escaped',
    { urls: [TURN], username: '1700000000:me', credential: 'a/b@c' },
    [{ urls: [TURN], username: '1700000000%3Ame', credential: 'a%2Fb%40c' }],
  ],
])('an ICE server %s', (_, given, used) => {
  expect(usableServer(given)).toEqual(used)
})
