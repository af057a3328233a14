import { type Bus, channels } from "../bus/index.ts";
import type { WorkflowRow } from "../store/index.ts";

/** How long a row may be used without asking again; changes made here or told of on the bus drop it at once. */
const MAX_AGE_MS = 5_000;

/** Rows of workflows, for starts: a busy workflow is not read for each of its executions. */
export class RowCache {
  private readonly rows = new Map<number, { readonly row: WorkflowRow; readonly until: number }>();
  /** Counts what was dropped: a row that was read before a change must not be kept after it. */
  private drops = 0;

  constructor(
    private readonly bus: Bus,
    private readonly read: (id: number) => Promise<WorkflowRow | null>,
  ) {}

  /** Listens for changes that other processes make. */
  async start(): Promise<void> {
    await this.bus.subscribe(
      channels.workflowChanged,
      (id) => this.drop(id as number),
      () => {
        this.drops += 1;
        this.rows.clear();
      },
    );
  }

  async get(id: number): Promise<WorkflowRow | null> {
    const now = performance.now();
    const known = this.rows.get(id);
    if (known && known.until > now) return known.row;
    const { drops } = this;
    const row = await this.read(id);
    if (row && drops === this.drops) this.rows.set(id, { row, until: now + MAX_AGE_MS });
    return row;
  }

  /** After the commit of a change: drops it here, and in the other processes. */
  changed(id: number): void {
    this.drop(id);
    this.bus.publish(channels.workflowChanged, id);
  }

  private drop(id: number): void {
    this.drops += 1;
    this.rows.delete(id);
  }
}
