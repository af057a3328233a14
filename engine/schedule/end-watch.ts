import type { ExecutionService } from "../execution/index.ts";
import type { TenantId } from "../model/index.ts";

/** Hears, through their events, when executions end. */
export class EndWatch {
  /** null: its events are being opened. */
  private readonly watched = new Map<number, { close: (() => void) | null }>();
  private stopped = false;

  constructor(
    private readonly executions: Pick<ExecutionService, "get" | "events">,
    private readonly ended: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Watches these and no others. */
  set(wanted: ReadonlyMap<number, { readonly tenantId: TenantId }>): void {
    for (const [id, { close }] of this.watched) {
      if (wanted.has(id)) continue;
      this.watched.delete(id);
      close?.();
    }
    if (this.stopped) return;
    for (const [id, { tenantId }] of wanted) {
      if (this.watched.has(id)) continue;
      const entry = { close: null };
      this.watched.set(id, entry);
      void this.watch(tenantId, id, entry);
    }
  }

  stop(): void {
    this.stopped = true;
    this.set(new Map());
  }

  private async watch(tenantId: TenantId, id: number, entry: { close: (() => void) | null }): Promise<void> {
    try {
      const { lastSeq } = await this.executions.get(tenantId, id);
      const events = await this.executions.events(tenantId, id, lastSeq);
      entry.close = () => void events.return?.();
      if (this.watched.get(id) !== entry) entry.close();
      for await (const _ of events);
    } catch (error) {
      this.failed(error);
    }
    if (this.watched.get(id) !== entry) return;
    this.watched.delete(id);
    this.ended();
  }
}
