import type { Dispatcher } from "./dispatch/index.ts";
import type { Publish } from "./events/index.ts";
import type { Worker } from "./execution/index.ts";
import type { JournalHooks } from "./journal/index.ts";
import type { EngineLogger, ExecutionEvent, ExecutionRecord, Observer } from "./model/index.ts";
import type { Probe } from "./runtime/index.ts";
import type { WebhookDeliverer } from "./webhook/index.ts";

interface Deps {
  readonly publish: Publish;
  readonly deliverer: Pick<WebhookDeliverer, "wake">;
  readonly dispatcher: Pick<Dispatcher, "enqueue">;
  readonly observer: Observer | undefined;
  readonly log: EngineLogger;
  readonly probe: Probe | undefined;
}

/** What follows from a commit: it is told of, its webhooks go out, and whoever can go on because of it does. */
export class AfterCommit implements JournalHooks {
  /** Writes to the journal that tells it of its commits: the one loop in the engine. Null: none in this process. */
  worker: Pick<Worker, "stored"> | null = null;
  readonly flushed: JournalHooks["flushed"];
  readonly probe: Probe | undefined;

  constructor(private readonly deps: Deps) {
    const { observer, probe } = deps;
    this.flushed = observer && ((flush) => observer.flushed(flush));
    this.probe = probe;
  }

  published(execution: ExecutionRecord, events: readonly ExecutionEvent[], deliveries: number): void {
    this.deps.publish(execution, events);
    if (deliveries > 0) this.deps.deliverer.wake();
    this.worker?.stored(execution.id);
  }

  runnable(executionIds: readonly number[]): void {
    for (const id of executionIds) this.deps.dispatcher.enqueue(id, 0);
  }

  warn(message: string, error: unknown): void {
    this.deps.log("warning", message, { error: String(error) });
  }
}
