import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { DomainError, type Trouble, troubleOf } from "../model/index.ts";
import { noteWork } from "../runtime/index.ts";
import { type DatabaseLimits, defaultDatabaseLimits, dropConnection, openConnection } from "../store/index.ts";
import type { Draft } from "./entry.ts";
import type { JournalHealth, JournalHooks } from "./journal.ts";
import { writeLargeValues } from "./large-values.ts";
import { sendsPieces } from "./pieces.ts";
import { type FlushRows, flushParameters, flushSql, fullFlushSql, isFull } from "./statement.ts";

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
/** Short, so that whoever withdraws an execution learns in time that it is not stored. */
export const MAX_LOCK_MS = 2_000;

/** What became of drafts. */
interface Written {
  /** Ids of executions. The others that were written are fenced off. */
  readonly accepted: ReadonlySet<number>;
  /** Not stored, and nobody wants them to be. */
  readonly withdrawn: readonly Draft[];
}

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** One connection and the flush that is under way on it. */
export class Lane {
  busy: Promise<void> | null = null;
  /** What it is busy with is large. */
  isLarge = false;
  private client: pg.Client | null = null;
  private trouble: Trouble | null = null;
  /** When the flush under way began, or the trouble. */
  private since = 0;
  /** What that was met with. */
  private failing: Statement | null = null;
  private isProbing = false;
  private isGivenUp = false;
  /** Called when another flush may begin. */
  freed: () => void = () => {};

  constructor(
    private readonly url: string,
    private readonly number: number,
    private readonly hooks: JournalHooks,
    private readonly limits: DatabaseLimits = defaultDatabaseLimits,
  ) {}

  get idle(): Promise<void> {
    return this.busy ?? Promise.resolve();
  }

  get health(): JournalHealth {
    const isWaiting = this.busy !== null || this.trouble !== null;
    return { trouble: this.trouble, forMs: isWaiting ? performance.now() - this.since : 0 };
  }

  release(): void {
    this.busy = null;
    this.freed();
  }

  async connect(): Promise<pg.Client> {
    const { statementMs, lockMs } = this.limits;
    const client = sendsPieces(
      openConnection({
        connectionString: this.url,
        application_name: "stepwire-journal",
        limits: { statementMs, lockMs: Math.min(lockMs, MAX_LOCK_MS) },
        // The arrays are small and the tables are not: never scan a table, whatever the statistics say.
        options: "-c enable_seqscan=off -c enable_mergejoin=off",
      }),
    );
    client.on("error", () => {
      if (this.client === client) this.client = null;
    });
    await client.connect();
    this.client = client;
    return client;
  }

  /** The process ends: the next failure is the last. */
  giveUp(): void {
    this.isGivenUp = true;
  }

  async close(): Promise<void> {
    this.isGivenUp = true;
    await this.client?.end().catch(() => {});
  }

  /**
   * Writes until Postgres has answered. When the connection breaks, nobody knows whether the commit got through:
   * the repeat is then refused by the fence, and `last_seq` tells which it was. Until then nothing can be withdrawn.
   */
  async write(drafts: readonly Draft[]): Promise<Written> {
    if (this.trouble === null) this.since = performance.now();
    let { wanted, statement } = await this.prepare(drafts);
    let isInDoubt = false;
    for (let waitMs = RETRY_MIN_MS; wanted.length > 0; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
      let wasSent = false;
      try {
        const client = this.client ?? (await this.connect());
        this.hooks.probe?.("commit.before");
        wasSent = true;
        const result = await client.query<{ id: number }>(statement);
        this.hooks.probe?.("commit.after");
        this.succeeded();
        const accepted = new Set(result.rows.map((row) => row.id));
        if (isInDoubt && accepted.size < wanted.length) await addStored(client, wanted, accepted);
        return { accepted, withdrawn: drafts.filter((draft) => !wanted.includes(draft)) };
      } catch (error) {
        const trouble = this.failed(error, statement);
        if (trouble === "data") throw error;
        if (this.isGivenUp)
          throw new DomainError("SHUTTING_DOWN", "The process ends, and it is not stored", { cause: error });
        isInDoubt ||= wasSent && trouble === "away";
      }
      await sleep(waitMs);
      if (isInDoubt || wanted.every(isWanted)) continue;
      ({ wanted, statement } = await this.prepare(drafts));
    }
    void this.probe();
    return { accepted: new Set(), withdrawn: drafts };
  }

  /**
   * Nothing is left to be stored, since nobody waited any longer: tries what failed last, and takes it back, until
   * that works. So it is known when Postgres can be written again, and not tried at a client's cost.
   */
  private async probe(): Promise<void> {
    if (this.isProbing) return;
    this.isProbing = true;
    while (this.failing !== null && !this.isGivenUp) {
      await sleep(RETRY_MAX_MS, undefined, { ref: false });
      if (this.busy !== null || this.failing === null || this.isGivenUp) continue;
      this.busy = this.tryOut(this.failing).finally(() => this.release());
      await this.busy;
    }
    this.isProbing = false;
  }

  private async tryOut(statement: Statement): Promise<void> {
    try {
      const client = this.client ?? (await this.connect());
      await client.query("BEGIN");
      await client.query(statement).finally(() => client.query("ROLLBACK"));
      this.succeeded();
    } catch (error) {
      this.failed(error, statement);
    }
  }

  private succeeded(): void {
    this.trouble = null;
    this.failing = null;
  }

  /** `data`: the same again would fail again, and says nothing about Postgres. */
  private failed(error: unknown, statement: Statement): Trouble {
    const trouble = troubleOf(error) ?? "away";
    if (trouble === "data") {
      this.succeeded();
      return trouble;
    }
    this.hooks.warn(`The journal cannot be written (${trouble}); trying again`, error);
    // One that is read-only may be so because another has taken its place.
    if ((trouble === "away" || trouble === "read-only") && this.client) {
      dropConnection(this.client, "It is of no more use");
      this.client = null;
    }
    this.trouble = trouble;
    this.failing = statement;
    return trouble;
  }

  /** Those that are wanted still when the statement is made: to write large values takes turns of the event loop. */
  private async prepare(drafts: readonly Draft[]): Promise<{ wanted: readonly Draft[]; statement: Statement }> {
    for (;;) {
      const wanted = drafts.filter(isWanted);
      const statement = await this.statementOf(wanted);
      if (wanted.every(isWanted)) return { wanted, statement };
    }
  }

  private async statementOf(drafts: readonly Draft[]): Promise<Statement> {
    const rows: FlushRows = {
      newExecutions: [],
      changedExecutions: [],
      newSteps: [],
      changedSteps: [],
      events: [],
      sentSignals: [],
      takenSignals: [],
      counts: [],
      deliveries: [],
      descendants: [],
    };
    const first = drafts[0]?.entry.state.execution.id ?? null;
    noteWork("journal", "flush", first);
    for (const draft of drafts) draft.fill(rows);
    const written = await writeLargeValues(drafts, rows);
    if (written.size > 0) noteWork("journal", "large flush", first);
    const values = flushParameters(this.number, rows, written);
    return isFull(rows)
      ? { name: "journal-flush-full", text: fullFlushSql, values }
      : { name: "journal-flush", text: flushSql, values };
  }
}

function isWanted({ entry, isFirst }: Draft): boolean {
  return !(isFirst && entry.isWithdrawn);
}

/** Of those that the fence refused: whether an earlier try had got through. */
async function addStored(client: pg.Client, drafts: readonly Draft[], accepted: Set<number>): Promise<void> {
  const { rows } = await client.query<{ id: number; epoch: number; last_seq: number }>(
    "SELECT id, epoch, last_seq FROM execution WHERE id = ANY($1::bigint[])",
    [drafts.map((draft) => draft.entry.state.execution.id)],
  );
  const stored = new Map(rows.map((row) => [row.id, row]));
  for (const draft of drafts) {
    const row = stored.get(draft.entry.state.execution.id);
    if (row && row.epoch === draft.entry.epoch && row.last_seq === draft.lastSeq) accepted.add(row.id);
  }
}
