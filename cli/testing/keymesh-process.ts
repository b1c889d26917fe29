// Runs the real command in a process of its own and hears what it says. Nothing is left running: a test
// file calls `stopAll` after each test.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Whose keys are kept on this machine is nothing to a test. */
const NO_HOME = join(tmpdir(), 'keymesh-test-without-home')

export type JsonLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface KeymeshProcess {
  readonly stdout: string
  readonly stderr: string
  /** Lines of stdout that are JSON. */
  readonly events: readonly JsonLine[]
  /** The exit code, or the signal that ended it. Settles when all output has been read. */
  readonly exited: Promise<number | NodeJS.Signals | null>
  /** The first event, past or to come, that `accept` takes. @throws Error with the output when the process ends without */
  event(accept: (line: JsonLine) => boolean): Promise<JsonLine>
  write(text: string | Uint8Array): void
  endInput(): void
  /** Goes away as a reader. */
  closeStdout(): void
  kill(signal: NodeJS.Signals): void
}

const running = new Set<KeymeshProcess>()

export function keymesh(...args: readonly string[]): KeymeshProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', KEYMESH_LAN: 'off', HOME: NO_HOME, USERPROFILE: NO_HOME },
  })
  const events: JsonLine[] = []
  let stdout = ''
  let stderr = ''
  let partialLine = ''
  let wake = (): void => {}
  let isOver = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    const lines = (partialLine + chunk).split('\n')
    partialLine = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line) as JsonLine)
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  // A command that ends before it has read everything is no fault of the test.
  child.stdin.on('error', () => {})
  const exited = once(child, 'close').then(([code, signal]) => {
    isOver = true
    running.delete(self)
    wake()
    return (code ?? signal) as number | NodeJS.Signals | null
  })
  const self: KeymeshProcess = {
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    events,
    exited,
    event: async accept => {
      for (;;) {
        const found = events.find(accept)
        if (found !== undefined) return found
        if (isOver) throw new Error(`keymesh ${args.join(' ')} ended:\n${stdout}${stderr}`)
        await new Promise<void>(resolve => {
          const before = wake
          wake = () => {
            before()
            resolve()
          }
        })
      }
    },
    write: text => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    closeStdout: () => void child.stdout.destroy(),
    kill: signal => void child.kill(signal),
  }
  running.add(self)
  return self
}

/** Runs a command to its end. */
export async function run(
  ...args: readonly string[]
): Promise<{ exit: unknown; stdout: string; stderr: string; events: readonly JsonLine[] }> {
  const command = keymesh(...args)
  command.endInput()
  const exit = await command.exited
  return { exit, stdout: command.stdout, stderr: command.stderr, events: command.events }
}

/** A server node on a free port (or the one given), once it is ready. */
export async function startServer(
  data: string,
  port = 0,
): Promise<{ process: KeymeshProcess; url: string; key: string }> {
  const server = keymesh('serve', '--port', String(port), '--data', data, '--json')
  const { url, key } = await server.event(line => line.event === 'ready')
  return { process: server, url: String(url), key: String(key) }
}

export async function startEcho(
  data: string,
  url: string,
): Promise<{ process: KeymeshProcess; key: string }> {
  const echo = keymesh('echo', '--data', data, '--server', url, '--json')
  const { key } = await echo.event(line => line.event === 'ready')
  return { process: echo, key: String(key) }
}

/** Kills whatever a test has left running, and waits until it is gone. */
export async function stopAll(): Promise<void> {
  const left = [...running]
  for (const one of left) one.kill('SIGKILL')
  await Promise.all(left.map(one => one.exited))
}
