// One measured process: started by the harness, told what to do over the IPC channel, ended by it.
// Both ends of that channel are here. Workers are bundled first (build.ts), so that what is measured is
// the code as it ships and not a development loader.

import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'

interface Call {
  readonly id: number
  readonly method: string
  readonly args: unknown
}

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

export type Methods = Record<string, (args: never) => unknown>

/** In a worker: answers the harness. */
export function serve(methods: Methods): void {
  process.on('message', (call: Call) => {
    const method = methods[call.method] as ((args: unknown) => unknown) | undefined
    Promise.resolve()
      .then(() => method?.(call.args))
      .then(
        result => process.send?.({ id: call.id, result }),
        error => process.send?.({ id: call.id, error: String(error?.stack ?? error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}

/** In the harness: one worker. */
export class Worker {
  readonly #child: ChildProcess
  readonly #waiting = new Map<
    number,
    { resolve: (v: unknown) => void; reject: (e: Error) => void }
  >()
  #nextId = 1

  constructor(file: string, flags: readonly string[] = []) {
    this.#child = fork(file, { execArgv: [...flags] })
    this.#child.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if (reply.error === undefined) waiting?.resolve(reply.result)
      else waiting?.reject(new Error(reply.error))
    })
    this.#child.on('exit', code => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`worker ended: ${code}`))
    })
  }

  call<T>(method: string, args: unknown = {}): Promise<T> {
    const id = this.#nextId++
    this.#child.send({ id, method, args })
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
