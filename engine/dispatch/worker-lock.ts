import type pg from "pg";
import { DomainError, type EngineLogger } from "../model/index.ts";
import { fenced } from "../runtime/index.ts";
import {
  clearLease,
  dropConnection,
  endWhenQuiet,
  openConnection,
  readLease,
  tryLock,
  writeLease,
} from "../store/index.ts";
import { hasEnded, ownMark } from "./process-mark.ts";

/** The lock's session is asked this often whether it is still there. */
const BEAT_MS = 1_000;
/** So long after a beat that Postgres answered, counted from when it was sent, the lock is believed to be ours. */
const TRUST_MS = 4_000;
/** Postgres gives the lock of a holder that it hears nothing of to the next after this: far later than that one stops. */
const QUIET_MS = 15_000;
/** Whoever may hold the lock's belief still begins nothing any more. */
const GRACE_MS = TRUST_MS + 1_000;
/** What each question to Postgres may take; two seconds after that the connection is left. */
const ANSWER_MS = 2_000;
const RETRY_MS = 500;
const NEVER = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

export interface WorkerLockEvents {
  /** It is ours, for the first time or again: effects may begin. */
  held(): void;
  /** Another worker has it, or had it: whatever is in hand here is that one's. */
  lost(): void;
}

/**
 * The right of one process to run the executions of a database: an advisory lock of a session of its own. `isHeld` says in
 * memory whether it is ours at this moment. It errs on the safe side: a session that does not answer, or a process that
 * was stopped, loses the right by the monotonic clock long before Postgres gives the lock to another.
 */
export class WorkerLock {
  private client: pg.Client | null = null;
  private confirmedAt = NEVER;
  private epoch = 0;
  private mark = "";
  private isStandby = false;
  private isStopped = false;
  private waiting: PromiseWithResolvers<void> | null = null;

  constructor(
    private readonly url: string,
    private readonly log: EngineLogger,
    private readonly events: WorkerLockEvents,
  ) {}

  get isHeld(): boolean {
    if (this.client === null) return false;
    // The monotonic clock stands still while the machine sleeps. A wall clock that is set forward costs one beat.
    const { monotonic, wall } = this.confirmedAt;
    return performance.now() - monotonic < TRUST_MS && Date.now() - wall < TRUST_MS;
  }

  /** Another worker has it, as far as is known; this one takes over when it can. */
  get isOthers(): boolean {
    return this.isStandby;
  }

  /** Resolves when the lock is ours; rejects when another worker has had it. Null: it is ours now. */
  held(): Promise<void> | null {
    if (this.isHeld) return null;
    this.waiting ??= Promise.withResolvers();
    // Who only asks whether it is held looks no further.
    this.waiting.promise.catch(() => {});
    if (this.isStandby) this.waiting.reject(takenOver());
    return this.waiting.promise;
  }

  /** False: another worker has it. */
  async take(): Promise<boolean> {
    this.mark = await ownMark();
    const client = await this.connect();
    if (!(await tryLock(client))) {
      await client.end();
      return false;
    }
    await this.own(client);
    return true;
  }

  async release(): Promise<void> {
    this.isStopped = true;
    const { client } = this;
    this.client = null;
    this.refuseWaiting();
    if (client) await clearLease(client, this.epoch).catch(() => {});
    await client?.end().catch(() => {});
  }

  private async connect(): Promise<pg.Client> {
    const client = openConnection({
      connectionString: this.url,
      application_name: "stepwire-worker-lock",
      limits: { statementMs: ANSWER_MS, lockMs: ANSWER_MS },
    });
    const ended = fenced("worker lock", () => this.disconnected(client));
    client.on("error", ended).on("end", ended);
    await client.connect();
    return client;
  }

  /** The lock is this session's. Whoever had it before must have stopped before anything is begun here. */
  private async own(client: pg.Client): Promise<void> {
    await endWhenQuiet(client, QUIET_MS);
    const { epoch, holder } = await readLease(client);
    const isBack = this.epoch !== 0 && epoch === this.epoch;
    if (!isBack) {
      this.standBy();
      this.epoch = await writeLease(client, this.mark);
      if (holder !== null && holder !== this.mark && !(await hasEnded(holder))) await this.waitOut(client);
    }
    const sentAt = moment();
    await client.query("SELECT 1");
    if (this.isStopped) return;
    this.client = client;
    this.isStandby = false;
    this.confirm(sentAt);
    void this.beat(client);
  }

  /** The session is kept awake meanwhile. */
  private async waitOut(client: pg.Client): Promise<void> {
    this.log("warning", "The last worker did not give its lock back: waiting until it must have stopped", {});
    for (const until = performance.now() + GRACE_MS; performance.now() < until; await pause(BEAT_MS)) {
      await client.query("SELECT 1");
    }
  }

  private confirm(sentAt: WorkerLock["confirmedAt"]): void {
    const wasHeld = this.isHeld;
    this.confirmedAt = sentAt;
    if (wasHeld || !this.isHeld) return;
    this.waiting?.resolve();
    this.waiting = null;
    this.events.held();
  }

  private async beat(client: pg.Client): Promise<void> {
    for (await pause(BEAT_MS); this.client === client; await pause(BEAT_MS)) {
      const sentAt = moment();
      try {
        await client.query("SELECT 1");
        this.confirm(sentAt);
      } catch {
        this.disconnected(client);
      }
    }
  }

  private disconnected(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = null;
    this.confirmedAt = NEVER;
    drop(client);
    if (this.isStopped) return;
    this.log("warning", "The worker's lock is away: no effect begins until it is back", {});
    void this.regain();
  }

  private async regain(): Promise<void> {
    for (; !this.client && !this.isStopped; await pause(RETRY_MS)) {
      const client = await this.connect().catch(() => null);
      if (!client) continue;
      try {
        if (await tryLock(client)) await this.own(client);
        // Not ours and not said to be another's: our own lost session still has it, until Postgres notices.
        else if ((await readLease(client)).epoch !== this.epoch) this.standBy();
      } catch {
        // Postgres went away once more.
      }
      if (this.client !== client) drop(client);
    }
  }

  private standBy(): void {
    if (this.isStandby || this.epoch === 0) return;
    this.isStandby = true;
    this.refuseWaiting();
    this.log("error", "Another worker has taken over: what was in hand here is let go of", {});
    this.events.lost();
  }

  private refuseWaiting(): void {
    this.waiting?.reject(takenOver());
    this.waiting = null;
  }
}

export function takenOver(): DomainError {
  return new DomainError("LEASE_LOST", "Another worker has taken over");
}

const moment = () => ({ monotonic: performance.now(), wall: Date.now() });

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/** Nobody may be there to say goodbye to. */
function drop(client: pg.Client): void {
  dropConnection(client, "The worker's lock is not here");
}
