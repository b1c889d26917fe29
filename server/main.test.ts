// The program: says where it is, ends as it is told, and fails with a sentence.

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { askStun } from '../host/node/testing/stun-client.ts'
import { closeCodeOf, logIn, welcomeOf } from './testing/raw-client.ts'
import { newFolder, stopAll } from './testing/test-server.ts'

const children = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  await stopAll()
})

function run(args: readonly string[], env: Record<string, string> = {}) {
  const script = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    env: { ...process.env, KEYMESH_LAN: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  return { child, ended, output: () => output }
}

async function runJson(args: readonly string[]) {
  const program = run(['--json', ...args])
  await Promise.race([once(program.child.stdout, 'data'), program.ended])
  const { key, url, port } = JSON.parse(program.output()) as Record<string, string>
  return { ...program, key, url, port: Number(port) }
}

describe('npm run server', () => {
  it('says its key and where to open it, and ends on Ctrl-C', async () => {
    const program = run(['--data', await newFolder()], { PORT: '0' })
    await once(program.child.stdout, 'data')
    expect(program.output()).toMatch(/Open +http:\/\/localhost:\d+\n/)
    expect(program.output()).toMatch(/Key +key_[1-9A-Za-z]{40,}\n/)
    expect(program.output()).toMatch(/Address +wss:\/\/[^/]+:\d+\/#key_[1-9A-Za-z]{40,}\n/)
    program.child.kill('SIGINT')
    expect((await program.ended).code).toBe(0)
  })

  it('keeps its key over restarts, and says goodbye to its links', async () => {
    const data = await newFolder()
    const first = await runJson(['--port', '0', '--data', data])
    const link = await logIn(first.port)
    const closed = closeCodeOf(link)
    first.child.kill('SIGTERM')
    expect(await closed).toBe(4_001)
    expect((await first.ended).code).toBe(0)
    const second = await runJson(['--port', '0', '--data', data])
    expect(second.key).toBe(first.key)
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
  })

  it('answers STUN, and names the port at the login', async () => {
    const program = await runJson(['--port', '0', '--data', await newFolder()])
    const { stunPort = 0 } = await welcomeOf(program.port)
    expect(stunPort).toBe(program.port)
    const { answer, fromPort } = await askStun(stunPort)
    const address = { ip: Uint8Array.of(127, 0, 0, 1), port: fromPort }
    expect(answer).toMatchObject({ kind: 'success', address })
    const other = await runJson(['--port', '0', '--no-stun', '--data', await newFolder()])
    expect((await welcomeOf(other.port)).stunPort).toBeUndefined()
    for (const { child } of [program, other]) child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
  })

  it('ends at once on the second signal', async () => {
    const program = await runJson(['--port', '0', '--data', await newFolder()])
    const link = await logIn(program.port)
    // This client takes nothing any more, so a graceful end needs its two seconds.
    link.pause()
    program.child.kill('SIGINT')
    await once(link, 'close', { signal: AbortSignal.timeout(200) }).catch(() => {})
    program.child.kill('SIGINT')
    expect((await program.ended).code).toBe(130)
    link.terminate()
  })

  it('starts again after kill -9, without a stale lock', async () => {
    const data = await newFolder()
    const first = await runJson(['--port', '0', '--data', data])
    first.child.kill('SIGKILL')
    await first.ended
    const second = await runJson(['--port', '0', '--data', data])
    expect(second.key).toBe(first.key)
    second.child.kill('SIGTERM')
    await second.ended
  })
})

/** A place where no folder can be made. */
const NOWHERE: [string[], RegExp][] = [
  [
    ['--data', '/proc/keymesh'],
    /^keymesh: The data folder \/proc\/keymesh cannot be used \(.*ENOENT/,
  ],
]

describe('what goes wrong', () => {
  it('is said in a sentence with a hint, and ends with 1', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const damaged = await newFolder()
    await writeFile(join(damaged, 'identity'), 'x')
    const data = await newFolder()
    const cases: [string[], RegExp, Record<string, string>?][] = [
      [['--port', String(port), '--data', data], /^keymesh: Port \d+ is used .*\nStop that/],
      [['--port', '0', '--data', damaged], /^keymesh: The identity in .* is damaged\.\n/],
      [['--port', 'x'], /^keymesh: 'x' is not a port\.\n/],
      [['--stun-port', 'x'], /^keymesh: 'x' is not a port\.\n/],
      [['--stun-port', '1', '--no-stun'], /^keymesh: --stun-port and --no-stun .*\.\n/],
      [['--what'], /^keymesh: Unknown option '--what'/],
      [['8090'], /^keymesh: '8090' belongs to no option\.\n(?!.*npm)/],
      // What is left of `npm run server --port 8090`.
      [
        ['8090'],
        /^keymesh: '8090' belongs to no option\.\n.* npm run server -- --port 8090\.\n/,
        { npm_lifecycle_event: 'server' },
      ],
      ...(process.platform === 'linux' ? NOWHERE : []),
      [['--join', 'ws://203.0.113.1', '--data', data], /^keymesh: .* is not encrypted\.\n/],
    ]
    await Promise.all(
      cases.map(async ([args, message, env]) => {
        const { code, output } = await run(args, env).ended
        expect(output).toMatch(message)
        expect(output).not.toMatch(/ at .*\.ts:\d/)
        expect(code).toBe(1)
      }),
    )
    await new Promise(resolve => taken.close(resolve))
  })
})
