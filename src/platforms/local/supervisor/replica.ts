/** One process of a version, from its start to its end. */
import { endFamily, type LaunchedRef } from '../../../io/launch.ts'
import type { Exit } from '../../../io/processes-contract.ts'
import { formatDuration } from '../../../kit/units.ts'
import type { Dealt } from '../gpus.ts'
import { Attempts, codeOf } from './attempts.ts'
import { logFile } from './context.ts'
import { Drain } from './drain.ts'
import { explainExit, lostItsPort, overLimit, tellWithLog } from './exits.ts'
import { boundLog } from './logs.ts'
import type { Owner } from './owner.ts'
import { type Outcome, Readiness } from './readiness.ts'
import { describeWrongPort } from './sentences.ts'
import { PortBusy, startProcess } from './start.ts'
import type { LaidOut, ProcessRecord, ReplicaPhase, ReplicaRecord } from './types.ts'

/** From SIGTERM to SIGKILL. */
const STOP_GRACE_MS = 10_000
const LOOK_MS = 1000
const MISSES = 3
/** Every so many looks at memory, what left the tree is searched for too. */
const WHOLE_LOOK = 10

export class Replica {
  readonly index: number
  readonly #owner: Owner
  readonly #log: string
  phase: ReplicaPhase = 'waiting'
  process: ProcessRecord | null = null
  /** Set before the process is: nobody else gets this port meanwhile. */
  port: number | null = null
  dealt: Dealt | null = null
  #wanted = true
  #startedAt = 0
  #readyAt: number | null = null
  #readiness: Readiness | null = null
  #misses = 0
  /** How it ended; undefined: not seen to end. */
  #exit: Exit | undefined
  #own = false
  #busy = false
  readonly #attempts = new Attempts()
  #drain: Drain | null = null
  #killAt = 0
  #lookedAt = 0
  #looks = 0
  /** Why we ended it; becomes the reason of its exit. */
  #endedFor: string | null = null
  /** What may be left of the last process's family. */
  #leftover: LaunchedRef | null = null

  constructor(owner: Owner, index: number) {
    this.#owner = owner
    this.index = index
    this.#log = logFile(owner.context.options.stateFolder, owner.environment, owner.digest, index)
  }

  /** Goes on with a process that an earlier host started. That it ended meanwhile is seen by the first tick. */
  static adopted(owner: Owner, record: ReplicaRecord): Replica {
    const replica = new Replica(owner, record.replica)
    const { clock } = owner.context.options
    replica.phase = record.phase
    replica.#wanted = !['draining', 'stopping', 'gone'].includes(record.phase) || owner.wanted
    replica.#killAt = clock.mono() + STOP_GRACE_MS
    if (record.process === null) return replica
    replica.process = record.process
    replica.port = record.process.port
    replica.dealt = record.dealt
    replica.#startedAt = clock.mono() - Math.max(0, clock.now() - record.process.startedAt)
    if (record.phase !== 'starting') replica.#readyAt = replica.#startedAt
    replica.#watch()
    return replica
  }

  get running(): boolean {
    return this.process !== null
  }

  /** `anew`: where nothing of it runs its next attempt comes at once. */
  want(anew = false): void {
    if (anew && this.process === null) this.#attempts.reset()
    if (this.#wanted && this.phase !== 'gone') return
    this.#wanted = true
    this.#attempts.reset()
    if (this.phase === 'gone') this.phase = 'waiting'
    // It answers again once a probe says so.
    if (this.phase === 'draining') this.phase = this.#readyAt === null ? 'starting' : 'unready'
  }

  drain(): void {
    if (!this.#wanted) return
    this.#wanted = false
    if (this.process === null || this.phase === 'stopping') return
    this.phase = 'draining'
    this.#drain = null
  }

  /** SIGTERM to its whole family now, SIGKILL after the grace. */
  stop(wanted: boolean, graceMs = STOP_GRACE_MS): void {
    this.#wanted = wanted
    if (this.process === null) return
    if (this.phase !== 'stopping') {
      this.phase = 'stopping'
      this.#killAt = this.#now() + graceMs
      endFamily(this.#processes, this.process, 'SIGTERM')
    }
    this.#killAt = Math.min(this.#killAt, this.#now() + graceMs)
  }

  tick(): void {
    if (this.#leftover !== null && !this.#cleared(this.#leftover)) return
    if (this.process === null) {
      if (this.phase === 'gone' || this.#busy) return
      if (!this.#wanted) this.#become('gone')
      else if (this.#attempts.due(this.#now()) && this.#owner.layout !== null) this.#begin(this.#owner.layout)
      return
    }
    if (this.#exit !== undefined || (!this.#own && !this.#processes.alive(this.process)))
      return this.#ended(this.process)
    if (this.phase === 'stopping') {
      if (this.#now() >= this.#killAt) endFamily(this.#processes, this.process, 'SIGKILL')
      return
    }
    this.#look(this.process)
    if (this.phase === 'draining') {
      if (this.#drained(this.process)) this.stop(false)
      return
    }
    this.#readiness?.tick(this.phase !== 'starting')
    if (this.phase === 'starting') this.#checkDeadline(this.process)
  }

  #cleared(family: LaunchedRef): boolean {
    if (endFamily(this.#processes, family, 'SIGKILL') > 0) return false
    if (family.cgroup !== null) this.#owner.context.options.limiter.remove(family.cgroup)
    this.#leftover = null
    return true
  }

  #begin(layout: LaidOut): void {
    this.#busy = true
    this.#owner.context.background(
      this.#start(layout).finally(() => {
        this.#busy = false
      }),
    )
  }

  async #start(layout: LaidOut): Promise<void> {
    try {
      const started = await startProcess(this.#owner, this, layout, this.#log)
      this.#own = true
      this.#exit = undefined
      this.#endedFor = null
      this.#misses = 0
      this.#readyAt = null
      this.#startedAt = this.#now()
      this.process = started.record
      this.phase = 'starting'
      this.#watch()
      void started.exited.then((exit) => {
        if (this.process === started.record) this.#exit = exit
      })
      this.#owner.emit('started', this.index, null)
      if (!this.#wanted) this.stop(false)
    } catch (error) {
      this.port = null
      this.dealt = null
      if (error instanceof PortBusy) {
        return this.#attempts.pause(this.#now(), LOOK_MS / 4)
      }
      const { code, why } = codeOf(error)
      this.#attempts.failed(this.#now())
      if (this.#wanted) this.#owner.fail(code, why)
    }
  }

  #watch(): void {
    const { process, port } = this
    if (process === null || port === null) return
    const path = this.#owner.layout?.serving.readyPath ?? null
    const watched = { process, mark: process.mark, port, path, startedAt: this.#startedAt }
    this.#readiness = new Readiness(this.#owner.context, watched, (outcome) => this.#heard(outcome))
  }

  #heard(outcome: Outcome): void {
    const { process } = this
    if (process === null || this.#exit !== undefined || !['starting', 'ready', 'unready'].includes(this.phase)) return
    switch (outcome.kind) {
      case 'ready':
        return this.#gotReady()
      case 'miss':
        if (++this.#misses >= MISSES && this.phase === 'ready') this.#become('unready')
        return
      case 'wrong-port':
        return this.#fail(
          'WRONG_PORT',
          describeWrongPort(outcome.elsewhere, process.port, this.#owner.order.run.port !== null),
        )
      case 'collision':
        if (this.#attempts.collided(this.#now())) this.stop(true, 0)
        else this.#fail('PORT_TAKEN', outcome.holder)
    }
  }

  #gotReady(): void {
    this.#misses = 0
    if (this.phase === 'ready') return
    const loadMs = this.#readyAt === null ? this.#now() - this.#startedAt : null
    this.#readyAt ??= this.#now()
    this.#attempts.served()
    this.#owner.succeeded(loadMs)
    this.#become('ready')
  }

  #checkDeadline(process: ProcessRecord): void {
    const { readyTimeoutMs, port } = this.#owner.order.run
    if (this.#now() - this.#startedAt < readyTimeoutMs) return
    const elsewhere = this.#readiness?.elsewhere ?? []
    if (elsewhere.length > 0) this.#fail('WRONG_PORT', describeWrongPort(elsewhere, process.port, port !== null))
    else
      this.#fail(
        'NEVER_READY',
        tellWithLog(this.#owner, this.#log, `it was not ready within ${formatDuration(readyTimeoutMs)}`),
      )
  }

  #fail(code: string, why: string): void {
    this.#attempts.failed(this.#now())
    this.#owner.fail(code, why)
    this.stop(true)
  }

  /** Its process is no more: asked for or not. */
  #ended(process: ProcessRecord): void {
    const asked = this.phase === 'draining' || this.phase === 'stopping'
    this.#readiness?.close()
    this.process = null
    this.port = null
    this.dealt = null
    this.#leftover = process
    const exit = this.#exit ?? null
    this.#exit = undefined
    this.#own = false
    if (!asked) this.#unasked(process, exit)
    this.phase = 'waiting'
    this.#cleared(process)
  }

  #unasked(process: ProcessRecord, exit: Exit | null): void {
    const now = this.#now()
    const beforeReady = this.#readyAt === null
    if (beforeReady && lostItsPort(this.#owner, this.#log, process.port) && this.#attempts.collided(now)) return
    this.#attempts.exited(now, beforeReady ? null : now - this.#readyAt!)
    const why = this.#endedFor ?? explainExit(this.#owner, this.#log, process, exit, now - this.#startedAt, beforeReady)
    this.#owner.exited(this.index, why, beforeReady)
  }

  #look(process: ProcessRecord): void {
    if (this.#now() - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = this.#now()
    boundLog(this.#log, this.#owner.context.logBytes)
    const over = overLimit(this.#owner, process, this.#looks++ % WHOLE_LOOK === 0)
    if (over === null) return
    this.#endedFor = over
    endFamily(this.#processes, process, 'SIGKILL')
  }

  #drained(process: ProcessRecord): boolean {
    const { inFlight } = this.#owner.context.options
    this.#drain ??= new Drain(this.#now() + this.#owner.order.run.drainMs)
    // The data plane counts by version: where only one of its replicas leaves, that says nothing.
    const told = this.#owner.wanted ? null : inFlight(this.#owner.environment, this.#owner.digest)
    return this.#drain.over(this.#now(), told, this.#processes, process.port)
  }

  #become(phase: 'ready' | 'unready' | 'gone'): void {
    this.phase = phase
    if (phase !== 'gone')
      this.#owner.emit(phase, this.index, phase === 'unready' ? 'three ready probes in a row failed' : null)
  }

  get #processes() {
    return this.#owner.context.options.processes
  }

  #now(): number {
    return this.#owner.context.options.clock.mono()
  }

  record(): ReplicaRecord {
    return {
      replica: this.index,
      phase: this.phase,
      process: this.process,
      dealt: this.dealt,
      log: this.#log,
    }
  }
}
