/** One version in one environment: its set-up, its replicas, and what is told of it. */
import { existsSync } from 'node:fs'
import type { ServeOrder, ServerState, VersionStatus } from '../../contract.ts'
import { backoffMs, codeOf } from './attempts.ts'
import type { Context } from './context.ts'
import { HOST } from './environment.ts'
import type { Owner } from './owner.ts'
import { Replica } from './replica.ts'
import { setUp } from './setup.ts'
import type { LaidOut, VersionRecord } from './types.ts'

export class Version implements Owner {
  readonly environment: string
  readonly context: Context
  order: ServeOrder
  wanted = true
  layout: LaidOut | null = null
  incarnation = 0
  unaskedExits = 0
  loadMs: number | null = null
  failed = false
  code: string | null = null
  why: string | null = null
  replicas: Replica[] = []
  #setting = false
  #setupFailures = 0
  #setupAt = 0

  constructor(context: Context, environment: string, order: ServeOrder) {
    this.context = context
    this.environment = environment
    this.order = order
  }

  static adopted(context: Context, record: VersionRecord): Version {
    const version = new Version(context, record.environment, record.order)
    version.wanted = record.wanted
    version.layout = record.layout
    version.incarnation = record.incarnation
    version.unaskedExits = record.unaskedExits
    version.loadMs = record.loadMs
    version.failed = record.failed
    version.code = record.code
    version.why = record.why
    version.replicas = record.replicas.map((replica) => Replica.adopted(version, replica))
    return version
  }

  get digest(): ServeOrder['digest'] {
    return this.order.digest
  }

  get stopped(): boolean {
    return !this.wanted && this.replicas.every((replica) => replica.phase === 'gone')
  }

  want(order: ServeOrder): void {
    this.order = order
    if (this.wanted) return
    this.wanted = true
    this.unaskedExits = 0
    this.failed = false
    this.code = null
    this.why = null
    this.#setupFailures = 0
    this.#setupAt = 0
    for (const replica of this.replicas.slice(0, order.run.replicas)) replica.want()
  }

  /** What failed before is forgotten, but not how often it ended. */
  retry(): void {
    if (!this.wanted) return
    this.failed = false
    this.code = null
    this.#setupFailures = 0
    this.#setupAt = 0
    for (const replica of this.replicas.slice(0, this.order.run.replicas)) replica.want(true)
  }

  release(): void {
    if (!this.wanted) return
    this.wanted = false
    for (const replica of this.replicas) replica.drain()
    if (this.replicas.length > 0) this.emit('draining', null, null)
    else this.emit('stopped', null, null)
  }

  /** Ends without waiting for requests. */
  stopNow(graceMs: number): void {
    this.wanted = false
    for (const replica of this.replicas) replica.stop(false, graceMs)
  }

  tick(): void {
    if (this.wanted && this.#ready()) {
      const { replicas: count } = this.order.run
      while (this.replicas.length < count) this.replicas.push(new Replica(this, this.replicas.length))
      for (const [k, replica] of this.replicas.entries()) k < count ? replica.want() : replica.drain()
    }
    const before = this.stopped
    for (const replica of this.replicas) replica.tick()
    if (this.wanted) {
      // Replicas above the number wanted leave the list once they are gone; the list keeps its order.
      while (this.replicas.length > this.order.run.replicas && this.replicas.at(-1)!.phase === 'gone')
        this.replicas.pop()
    }
    if (!before && this.stopped) this.emit('stopped', null, null)
  }

  /** True where the files lie ready; else sees to it. */
  #ready(): boolean {
    if (this.#setting) return false
    if (this.layout !== null && existsSync(this.layout.appFolder) && existsSync(this.layout.modelPath)) return true
    if (this.replicas.some((replica) => replica.running)) return true
    if (this.context.options.clock.mono() < this.#setupAt) return false
    this.#setting = true
    this.context.background(this.#setUp())
    return false
  }

  async #setUp(): Promise<void> {
    try {
      this.layout = await setUp(this.context, this.environment, this.order)
      this.#setupFailures = 0
    } catch (error) {
      this.layout = null
      this.#setupFailures++
      this.#setupAt = this.context.options.clock.mono() + backoffMs(this.#setupFailures)
      const { code, why } = codeOf(error)
      if (this.wanted) this.fail(code, why)
    } finally {
      this.#setting = false
    }
  }

  fail(code: string, why: string): void {
    this.failed = true
    this.code = code
    this.why = why
    this.emit('failed', null, why)
  }

  nextIncarnation(): number {
    return ++this.incarnation
  }

  succeeded(loadMs: number | null): void {
    if (loadMs !== null) this.loadMs = Math.round(loadMs)
    this.failed = false
    this.code = null
  }

  exited(replica: number, why: string, beforeReady: boolean): void {
    this.unaskedExits++
    this.why = why
    this.emit('exited', replica, why)
    if (beforeReady) this.fail('CRASHED', why)
  }

  emit(kind: Parameters<Context['emit']>[0]['kind'], replica: number | null, why: string | null): void {
    this.context.emit({ kind, environment: this.environment, digest: this.digest, replica, why })
  }

  /** Bytes that its processes hold now. */
  held(): number {
    const { processes } = this.context.options
    return this.replicas.reduce((sum, { process }) => {
      if (process === null) return sum
      const pids = processes.descendants(process).map((member) => member.pid)
      return sum + processes.memoryHeld(pids, Number.POSITIVE_INFINITY)
    }, 0)
  }

  /** Bytes that it may still take up to its limit. */
  growth(): number {
    if (!this.wanted) return 0
    return Math.max(0, (this.order.run.memoryBytes ?? 0) * this.order.run.replicas - this.held())
  }

  status(): VersionStatus {
    const ready = this.wanted ? this.replicas.filter((replica) => replica.phase === 'ready') : []
    return {
      digest: this.digest,
      state: this.#state(ready.length),
      replicas: this.wanted ? this.order.run.replicas : 0,
      readyReplicas: ready.length,
      unaskedExits: this.unaskedExits,
      incarnation: this.incarnation,
      loadMs: this.loadMs,
      why: this.why,
      code: this.failed ? this.code : null,
      addresses: ready.map((replica) => `http://${HOST}:${replica.port}`),
    }
  }

  #state(ready: number): ServerState {
    if (!this.wanted) return this.stopped ? 'stopped' : 'unready'
    if (ready > 0) return 'ready'
    if (this.failed) return 'failed'
    return this.replicas.some((replica) => replica.phase === 'unready') ? 'unready' : 'starting'
  }

  record(): VersionRecord {
    return {
      environment: this.environment,
      digest: this.digest,
      wanted: this.wanted,
      order: this.order,
      layout: this.layout,
      incarnation: this.incarnation,
      unaskedExits: this.unaskedExits,
      failed: this.failed,
      code: this.code,
      why: this.why,
      loadMs: this.loadMs,
      replicas: this.replicas.map((replica) => replica.record()),
    }
  }
}
