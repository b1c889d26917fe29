// Candidates as implementations write them (Chromium, Firefox, Safari, libdatachannel, libnice, Pion, aiortc), by their
// form: who may know of which, and what no policy but `all` lets through.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CandidateKind, CandidatePolicy } from './ice-candidate.ts'
import {
  candidateKind,
  filterCandidate,
  filterSdp,
  isAllowedCandidate,
  isTakenCandidate,
  takenSdp,
} from './ice-candidate.ts'

type Line = [from: string, line: string, kind: CandidateKind, noLocal: boolean]

const MDNS = '70e00bb9-fd35-4ee2-8c22-dab974a0d355.local'

const LINES: Line[] = [
  [
    'Chromium, mDNS',
    `candidate:712169581 1 udp 2113937151 ${MDNS} 41185 typ host generation 0 ufrag 8Mh5 network-cost 999`,
    'host',
    true,
  ],
  [
    'Chromium, allowed to use the microphone',
    'candidate:3471623853 1 udp 2122194687 192.168.1.23 58790 typ host generation 0 ufrag EsAw network-id 1 network-cost 10',
    'host',
    false,
  ],
  [
    'Chromium, TCP',
    'candidate:2999745851 1 tcp 1518280447 10.0.0.7 9 typ host tcptype active generation 0 ufrag a+/Z network-id 2',
    'host',
    false,
  ],
  [
    'Chromium, TCP under mDNS',
    `candidate:2999745851 1 tcp 1518280447 ${MDNS} 9 typ host tcptype active generation 0 ufrag 8Mh5 network-cost 999`,
    'host',
    true,
  ],
  [
    'Chromium, IPv6',
    'candidate:2809180085 1 udp 2122131711 2a02:8071:b6a0:1200:7c5f:3c1e:98a4:4f1b 60331 typ host generation 0 ufrag 8Mh5 network-id 3',
    'host',
    true,
  ],
  [
    'Chromium, unique local IPv6',
    'candidate:2809180085 1 udp 2122131711 fd12:3456:789a:1::5 60331 typ host generation 0 ufrag 8Mh5',
    'host',
    false,
  ],
  [
    'Chromium, server-reflexive',
    'candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EEtu network-cost 999',
    'srflx',
    true,
  ],
  [
    'Chromium, relay',
    'candidate:2234295925 1 udp 41885439 198.51.100.9 61480 typ relay raddr 203.0.113.5 rport 46154 generation 0 ufrag EEtu network-id 1 network-cost 10',
    'relay',
    true,
  ],
  [
    'Chromium, peer-reflexive',
    'candidate:842163049 1 udp 1845501695 192.168.1.23 58790 typ prflx raddr 0.0.0.0 rport 0 generation 0',
    'prflx',
    false,
  ],
  ['Firefox, mDNS', `candidate:1 1 UDP 2122252543 ${MDNS} 43189 typ host`, 'host', true],
  ['Firefox, TCP', `candidate:2 1 TCP 2105458943 ${MDNS} 9 typ host tcptype active`, 'host', true],
  ['Firefox', 'candidate:0 1 UDP 2122252543 172.20.10.2 51234 typ host', 'host', false],
  [
    'Firefox, server-reflexive',
    'candidate:1 1 UDP 1686052863 203.0.113.77 51234 typ srflx raddr 0.0.0.0 rport 0',
    'srflx',
    true,
  ],
  [
    'Firefox, relay over TCP',
    'candidate:3 1 UDP 8331263 198.51.100.40 52011 typ relay raddr 198.51.100.40 rport 52011',
    'relay',
    true,
  ],
  [
    'Safari, mDNS',
    'candidate:842163049 1 udp 2113937151 8f7b6b4c-8c1f-4dd9-9e7e-7c5d0a1d2b3c.local 62044 typ host generation 0 ufrag AbCd network-cost 999',
    'host',
    true,
  ],
  [
    'Safari, IPv6 link-local',
    'candidate:1510613869 1 udp 2122129151 fe80::1c2d:3e4f:5a6b:7c8d 56143 typ host generation 0 ufrag +Q1/ network-id 2',
    'host',
    false,
  ],
  ['libdatachannel', 'a=candidate:1 1 UDP 2114977791 192.0.2.2 43895 typ host', 'host', true],
  ['libdatachannel, IPv6', 'a=candidate:2 1 UDP 2116026111 fd00::2 43895 typ host', 'host', false],
  [
    'libdatachannel, server-reflexive',
    'candidate:3 1 UDP 1678769919 203.0.113.5 43895 typ srflx raddr 0.0.0.0 rport 0',
    'srflx',
    true,
  ],
  [
    'libnice, TCP passive',
    'candidate:5 1 TCP 1015021823 192.168.100.4 50001 typ host tcptype passive',
    'host',
    false,
  ],
  [
    'libnice, IPv6 with a zone',
    'candidate:4 1 UDP 2015363327 fe80::a00:27ff:fe4e:66a1%enp0s3 38921 typ host',
    'host',
    false,
  ],
  [
    'a public IPv6 address with a zone',
    'candidate:4 1 UDP 2015363327 2a02:8071::1%2 38921 typ host',
    'host',
    true,
  ],
  [
    'Pion',
    'candidate:233762139 1 udp 2130706431 172.17.0.2 54321 typ host ufrag kdfUTgEXwwWlOIqe',
    'host',
    false,
  ],
  [
    'aiortc',
    'candidate:d59b0b1f3d9b3e5a0f1c2d3e4f5a6b7c 1 udp 2130706431 203.0.113.80 40812 typ host',
    'host',
    true,
  ],
  ['of a carrier', 'candidate:1 1 udp 1 100.64.12.9 4000 typ host', 'host', false],
  ['behind the range of carriers', 'candidate:1 1 udp 1 100.128.0.1 4000 typ host', 'host', true],
  ['loopback', 'candidate:1 1 udp 1 127.0.0.1 4000 typ host', 'host', false],
  ['loopback, IPv6', 'candidate:1 1 udp 1 ::1 4000 typ host', 'host', false],
  ['link-local', 'candidate:1 1 udp 1 169.254.33.4 4000 typ host', 'host', false],
  ['private in mapped IPv6', 'candidate:1 1 udp 1 ::ffff:192.168.1.2 4000 typ host', 'host', false],
  ['public in mapped IPv6', 'candidate:1 1 udp 1 ::ffff:203.0.113.5 4000 typ host', 'host', true],
  ['nothing told', 'candidate:1 1 udp 1 0.0.0.0 9 typ host', 'host', false],
  ['a name', 'candidate:1 1 udp 1 printer.example.com 4000 typ host', 'host', false],
  ['a name of a network', 'candidate:1 1 udp 1 intranet 4000 typ host', 'host', false],
  ['localhost', 'candidate:1 1 udp 1 localhost 4000 typ host', 'host', false],
  ['a local name of two labels', 'candidate:1 1 udp 1 nas.home.local 4000 typ host', 'host', false],
  ['what is no address', 'candidate:1 1 udp 1 010.0.0.1 4000 typ host', 'host', false],
  ['big letters', 'CANDIDATE:1 1 UDP 1 10.0.0.1 4000 TYP HOST', 'host', false],
  ['big letters, mDNS', 'candidate:1 1 UDP 1 ABC-1.LOCAL 4000 TYP Host', 'host', true],
  ['component 2', 'candidate:1 2 udp 1 203.0.113.5 4000 typ host', 'host', true],
]

const MALFORMED: [string, string][] = [
  ['nothing behind the name', 'candidate:'],
  ['another attribute', 'a=ice-ufrag:abcd'],
  ['no kind', 'candidate:1 1 udp 1 203.0.113.5 4000'],
  ['no word for it', 'candidate:1 1 udp 1 203.0.113.5 4000 typ'],
  ['an unknown kind', 'candidate:1 1 udp 1 203.0.113.5 4000 typ token'],
  ['another word than typ', 'candidate:1 1 udp 1 203.0.113.5 4000 kind host'],
  ['no foundation', 'candidate: 1 udp 1 203.0.113.5 4000 typ host'],
  ['a foundation of other letters', 'candidate:{1} 1 udp 1 203.0.113.5 4000 typ host'],
  ['too long a foundation', `candidate:${'1'.repeat(33)} 1 udp 1 203.0.113.5 4000 typ host`],
  ['a component in letters', 'candidate:1 one udp 1 203.0.113.5 4000 typ host'],
  ['a negative priority', 'candidate:1 1 udp -1 203.0.113.5 4000 typ host'],
  ['no port', 'candidate:1 1 udp 1 203.0.113.5 typ host'],
  ['a port of six digits', 'candidate:1 1 udp 1 203.0.113.5 400000 typ host'],
  ['two spaces', 'candidate:1 1 udp 1  203.0.113.5 4000 typ host'],
  ['a space in front', ' candidate:1 1 udp 1 203.0.113.5 4000 typ host'],
  ['a space behind', 'candidate:1 1 udp 1 203.0.113.5 4000 typ host '],
  ['a space behind the name', 'candidate: 1 1 udp 1 203.0.113.5 4000 typ host'],
  ['a tab', 'candidate:1 1 udp 1 203.0.113.5 4000\ttyp host'],
  ['a name without a value', 'candidate:1 1 udp 1 203.0.113.5 4000 typ host generation'],
  ['a NUL', 'candidate:1 1 udp 1 203.0.113.5 4000 typ relay\0'],
  ['a letter that is not ASCII', 'candidate:1 1 udp 1 203.0.113.5 4000 typ host ufrag ä'],
  [
    'two lines',
    'candidate:1 1 udp 1 198.51.100.9 1 typ relay\r\na=candidate:2 1 udp 1 10.0.0.1 2 typ host',
  ],
  ['a line end', 'candidate:1 1 udp 1 198.51.100.9 1 typ relay\n'],
  ['two attributes', 'a=a=candidate:1 1 udp 1 198.51.100.9 1 typ relay'],
]

const POLICIES: CandidatePolicy[] = ['all', 'noLocal', 'relay']

describe.each(LINES)('%s', (_, line, kind, isToldByDefault) => {
  it(`is of kind ${kind}`, () => {
    expect(candidateKind(line)).toBe(kind)
  })

  it('is told to whom it may', () => {
    const told = POLICIES.map(policy => isAllowedCandidate(line, policy))
    expect(told).toEqual([true, isToldByDefault, kind === 'relay'])
    expect(POLICIES.map(policy => filterCandidate(line, policy) !== undefined)).toEqual(told)
  })

  it('reads alike with a= in front and without', () => {
    const other = line.startsWith('a=') ? line.slice(2) : `a=${line}`
    expect(candidateKind(other)).toBe(kind)
    for (const policy of POLICIES) {
      expect(isAllowedCandidate(other, policy)).toBe(isAllowedCandidate(line, policy))
    }
  })

  it('reads alike alone and in a description', () => {
    const own = line.startsWith('a=') ? line : `a=${line}`
    for (const policy of POLICIES) {
      const told = filterCandidate(own, policy)
      const lines = filterSdp(`s=-\r\n${own}\r\n`, policy).split('\r\n')
      expect(lines).toEqual(told === undefined ? ['s=-', ''] : ['s=-', told, ''])
    }
  })
})

describe('a line that is none', () => {
  it.each(MALFORMED)('%s: only where nothing is filtered', (_, line) => {
    expect(candidateKind(line)).toBeUndefined()
    expect(POLICIES.map(policy => isAllowedCandidate(line, policy))).toEqual([true, false, false])
    expect(POLICIES.map(policy => filterCandidate(line, policy))).toEqual([
      line,
      undefined,
      undefined,
    ])
  })
})

describe('the end of candidates', () => {
  it('is told to everybody', () => {
    for (const policy of POLICIES) {
      expect(isAllowedCandidate('', policy)).toBe(true)
      expect(filterCandidate('', policy)).toBe('')
    }
    expect(candidateKind('')).toBeUndefined()
  })
})

describe('the address behind one', () => {
  const srflx = (related: string, rest = ''): string =>
    `candidate:3 1 udp 1677729535 203.0.113.5 46154 typ srflx ${related}${rest}`

  it.each([
    ['raddr 192.168.1.5 rport 46154', 'raddr 0.0.0.0 rport 0'],
    ['raddr 100.64.0.1 rport 46154', 'raddr 0.0.0.0 rport 0'],
    ['raddr fd00::5 rport 46154', 'raddr :: rport 0'],
    ['raddr fe80::5%eth0 rport 46154', 'raddr :: rport 0'],
    ['raddr host.example rport 46154', 'raddr 0.0.0.0 rport 0'],
    ['raddr 0.0.0.0 rport 0', 'raddr 0.0.0.0 rport 0'],
    ['raddr :: rport 0', 'raddr :: rport 0'],
    ['raddr 203.0.113.5 rport 46154', 'raddr 203.0.113.5 rport 46154'],
    [`raddr ${MDNS} rport 46154`, `raddr ${MDNS} rport 46154`],
    ['RADDR 192.168.1.5 RPORT 46154', 'RADDR 0.0.0.0 RPORT 0'],
    ['rport 46154 raddr 192.168.1.5', 'rport 0 raddr 0.0.0.0'],
    ['raddr 192.168.1.5', 'raddr 0.0.0.0'],
    ['raddr 1.2.3.4 raddr 192.168.1.5', 'raddr 0.0.0.0 raddr 0.0.0.0'],
  ])('by noLocal: %s becomes %s', (related, told) => {
    const rest = ' generation 0 ufrag EEtu'
    expect(filterCandidate(srflx(related, rest), 'noLocal')).toBe(srflx(told, rest))
    expect(filterCandidate(srflx(related, rest), 'all')).toBe(srflx(related, rest))
    expect(filterCandidate(srflx(related, rest), 'relay')).toBeUndefined()
  })

  it('is never told by relay: it is how the internet sees this device', () => {
    const relay = 'candidate:4 1 udp 41885439 198.51.100.9 61480 typ relay'
    expect(filterCandidate(`${relay} raddr 203.0.113.5 rport 46154 generation 0`, 'relay')).toBe(
      `${relay} raddr 0.0.0.0 rport 0 generation 0`,
    )
    expect(filterCandidate(`${relay} raddr 203.0.113.5 rport 46154`, 'noLocal')).toBe(
      `${relay} raddr 203.0.113.5 rport 46154`,
    )
    expect(filterCandidate(`${relay} raddr 2001:db8::5 rport 46154`, 'relay')).toBe(
      `${relay} raddr :: rport 0`,
    )
  })
})

const CHROMIUM_SDP = [
  'v=0',
  'o=- 8408877352919956802 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 58790 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 192.168.1.23',
  'a=candidate:3471623853 1 udp 2122194687 192.168.1.23 58790 typ host generation 0 network-id 1',
  'a=candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 192.168.1.23 rport 58790 generation 0',
  'a=candidate:2234295925 1 udp 41885439 198.51.100.9 61480 typ relay raddr 203.0.113.5 rport 46154 generation 0',
  'a=remote-candidates:1 10.0.0.9 5000',
  'a=ice-ufrag:8Mh5',
  'a=fingerprint:sha-256 B6:3A',
  'a=end-of-candidates',
  '',
]

function filtered(lines: readonly string[], policy: CandidatePolicy): string[] {
  return filterSdp(lines.join('\r\n'), policy).split('\r\n')
}

describe('filterSdp', () => {
  it('leaves everything as it is by all', () => {
    const sdp = CHROMIUM_SDP.join('\n')
    expect(filterSdp(sdp, 'all')).toBe(sdp)
  })

  it('leaves what is public by noLocal', () => {
    expect(filtered(CHROMIUM_SDP, 'noLocal')).toEqual([
      ...CHROMIUM_SDP.slice(0, 5),
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0',
      'a=candidate:2234295925 1 udp 41885439 198.51.100.9 61480 typ relay raddr 203.0.113.5 rport 46154 generation 0',
      ...CHROMIUM_SDP.slice(11),
    ])
  })

  it('leaves relays alone by relay', () => {
    expect(filtered(CHROMIUM_SDP, 'relay')).toEqual([
      ...CHROMIUM_SDP.slice(0, 5),
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=candidate:2234295925 1 udp 41885439 198.51.100.9 61480 typ relay raddr 0.0.0.0 rport 0 generation 0',
      ...CHROMIUM_SDP.slice(11),
    ])
  })

  it.each(['noLocal', 'relay'] as const)(
    'leaves a description that tells nothing, by %s',
    policy => {
      const lines = [
        'v=0',
        'o=mozilla...THIS_IS_SDPARTA-99.0 6542158157231885568 0 IN IP4 0.0.0.0',
        's=-',
        't=0 0',
        'a=group:BUNDLE 0',
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
        'c=IN IP4 0.0.0.0',
        'a=sendrecv',
        'a=end-of-candidates',
        'a=mid:0',
        '',
      ]
      expect(filtered(lines, policy)).toEqual(lines)
    },
  )

  it.each([
    ['c=IN IP4 10.1.2.3', 'c=IN IP4 0.0.0.0'],
    ['c=IN IP4 10.1.2.3/127', 'c=IN IP4 0.0.0.0'],
    ['c=IN IP6 fe80::1', 'c=IN IP6 ::'],
    ['c=IN IP4 203.0.113.5', 'c=IN IP4 203.0.113.5'],
    ['c=IN IP6 2001:db8::5', 'c=IN IP6 2001:db8::5'],
    ['c=IN IP6 ::', 'c=IN IP6 ::'],
    [`c=IN IP4 ${MDNS}`, `c=IN IP4 ${MDNS}`],
    ['o=- 1 2 IN IP4 192.168.1.2', 'o=- 1 2 IN IP4 0.0.0.0'],
    ['o=- 1 2 IN IP4 my-laptop', 'o=- 1 2 IN IP4 0.0.0.0'],
    ['o=rtc 1 0 IN IP4 127.0.0.1', 'o=rtc 1 0 IN IP4 127.0.0.1'],
    ['o=- 1 2 IN IP6 ::1', 'o=- 1 2 IN IP6 ::1'],
    ['a=rtcp:5001 IN IP4 192.168.1.2', 'a=rtcp:5001 IN IP4 0.0.0.0'],
    ['a=rtcp:9 IN IP4 0.0.0.0', 'a=rtcp:9 IN IP4 0.0.0.0'],
    ['s=c=IN IP4 10.1.2.3', 's=c=IN IP4 10.1.2.3'],
  ])('by noLocal: %s becomes %s', (line, told) => {
    expect(filtered(['v=0', line, ''], 'noLocal')).toEqual(['v=0', told, ''])
  })

  it('by relay hides every address that is not a relay’s', () => {
    const lines = ['v=0', 'o=- 1 2 IN IP4 203.0.113.5', 'c=IN IP6 2001:db8::5', '']
    expect(filtered(lines, 'relay')).toEqual(['v=0', 'o=- 1 2 IN IP4 0.0.0.0', 'c=IN IP6 ::', ''])
  })

  it('takes the port with the address, of that section only, and leaves a refused one', () => {
    const lines = [
      'm=audio 5000 RTP/SAVPF 96',
      'c=IN IP4 10.0.0.1',
      'm=application 6000 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 203.0.113.5',
      'm=video 0 RTP/SAVPF 97',
      'c=IN IP4 10.0.0.1',
    ]
    expect(filtered(lines, 'noLocal')).toEqual([
      'm=audio 9 RTP/SAVPF 96',
      'c=IN IP4 0.0.0.0',
      ...lines.slice(2, 5),
      'c=IN IP4 0.0.0.0',
    ])
  })

  it('takes the ports of all sections with the address of the whole', () => {
    const lines = ['c=IN IP4 10.0.0.1', 'm=application 6000 UDP/DTLS/SCTP x', 'm=audio 7 RTP/X 96']
    expect(filtered(lines, 'noLocal')).toEqual([
      'c=IN IP4 0.0.0.0',
      'm=application 9 UDP/DTLS/SCTP x',
      'm=audio 9 RTP/X 96',
    ])
  })

  it.each(['\n', '\r', '\r\n'])('finds lines whatever ends them: %j', end => {
    const sdp = ['v=0', 'a=candidate:1 1 udp 1 10.0.0.1 1 typ host', 's=-', ''].join(end)
    expect(filterSdp(sdp, 'noLocal')).toBe('v=0\r\ns=-\r\n')
  })

  it.each([
    'A=CANDIDATE:1 1 udp 1 10.0.0.1 1 typ host',
    'a=candidate 1 1 udp 1 10.0.0.1 1 typ host',
    'a=candidate:1 1 udp 1 10.0.0.1',
    'a=candidates:1 1 udp 1 10.0.0.1 1 typ host',
    'a=remote-candidates:1 203.0.113.5 5000',
  ])('leaves out what could be a candidate: %s', line => {
    for (const policy of ['noLocal', 'relay'] as const) {
      expect(filterSdp(`v=0\r\n${line}\r\n`, policy)).toBe('v=0\r\n')
    }
  })

  it('tells no local address, whatever the description, and changes nothing the second time', () => {
    const address = fc.constantFrom(
      '10.9.9.9',
      '192.168.9.9',
      'fd99::9',
      'fe80::9%en0',
      'secret.example',
      '203.0.113.5',
      '0.0.0.0',
      MDNS,
    )
    const kind = fc.constantFrom('host', 'srflx', 'relay')
    const line = fc.oneof(
      fc.tuple(address, kind, address).map(([own, type, related]) => {
        // A server-reflexive one is told whatever it is: somebody outside has seen it.
        const at = type === 'host' ? own : '203.0.113.5'
        return `a=candidate:1 1 udp 1 ${at} 4000 typ ${type} raddr ${related} rport 4000`
      }),
      address.map(own => `c=IN IP4 ${own}`),
      address.map(own => `o=- 1 1 IN IP6 ${own}`),
      address.map(own => `a=rtcp:4000 IN IP4 ${own}`),
      address.map(own => `a=remote-candidates:1 ${own} 4000`),
      fc.constant('m=application 4000 UDP/DTLS/SCTP webrtc-datachannel'),
    )
    const ends = fc.constantFrom('\r\n', '\n')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), ends, (lines, end) => {
        for (const policy of ['noLocal', 'relay'] as const) {
          const told = filterSdp(lines.join(end), policy)
          expect(told).not.toMatch(/10\.9|192\.168\.9|fd99|fe80|secret/)
          if (policy === 'relay') expect(told).not.toMatch(/typ (?!relay)/)
          expect(filterSdp(told, policy)).toBe(told)
        }
      }),
      { seed: 6, numRuns: 1_000 },
    )
  })

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      'a=candidate:',
      'c=IN IP4 ',
      'm=',
      '\r\n',
      ' typ ',
      '::',
      '%',
      ' ',
    )
    const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }).map(all => all.join(''))
    fc.assert(
      fc.property(text, each => {
        for (const policy of POLICIES) {
          filterSdp(each, policy)
          isAllowedCandidate(each, policy)
          filterCandidate(each, policy)
        }
        candidateKind(each)
      }),
      { seed: 7, numRuns: 2_000 },
    )
  })

  it('takes time in proportion to the text', () => {
    const long = `a=candidate:1 1 udp 1 10.0.0.1 1 typ host${' a b'.repeat(50_000)}`
    const start = performance.now()
    filterSdp(
      [long, `c=IN IP4 ${' '.repeat(200_000)}`, `o=${'IN IP4 '.repeat(30_000)}`].join('\n'),
      'relay',
    )
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

describe('what a peer tells', () => {
  const at = (address: string, transport = 'udp'): string =>
    `candidate:1 1 ${transport} 2122260223 ${address} 40000 typ host`

  it.each([
    '203.0.113.5',
    '2001:db8::1',
    '192.168.1.5',
    '10.0.0.7',
    '169.254.7.7',
    'fd12::1',
    'fe80::1%eth0',
    '223.255.255.255',
    '126.255.255.255',
    '128.0.0.1',
    MDNS,
  ])('is taken at %s', address => {
    expect(isTakenCandidate(at(address))).toBe(true)
    expect(isTakenCandidate(`a=${at(address, 'UDP')}`)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '127.0.0.1',
    '127.255.255.255',
    '224.0.0.251',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '2002:7f00:1::1',
    '64:ff9b::127.0.0.1',
    'ff02::fb',
    'ff02::fb%eth0',
    'localhost',
    'somebody.example',
    'a.b.local',
    '127.1',
    '0177.0.0.1',
  ])('is not taken at %s', address => {
    expect(isTakenCandidate(at(address))).toBe(false)
  })

  it('is taken by UDP only', () => {
    for (const transport of ['tcp', 'TCP', 'ssltcp', 'udp2']) {
      expect(isTakenCandidate(at('203.0.113.5', transport))).toBe(false)
    }
  })

  it('ends', () => {
    expect(isTakenCandidate('')).toBe(true)
  })

  it.each(MALFORMED)('is not taken when it is none: %s', (_, line) => {
    expect(isTakenCandidate(line)).toBe(false)
  })

  it.each(['\n', '\r', '\r\n'])('is taken out of a description, whatever ends lines: %j', end => {
    const lines = (...candidates: string[]): string =>
      ['s=-', ...candidates.map(candidate => `a=${candidate}`), 'a=mid:0', ''].join(end)
    const good = lines(at('203.0.113.5'))
    expect(takenSdp(good)).toBe(good)
    const mixed = lines(at('127.0.0.1'), at('203.0.113.5'), 'candidate')
    expect(takenSdp(mixed)).toBe(good.replaceAll(end, '\r\n'))
  })
})
