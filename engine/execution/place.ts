import type { StepMemory, TenantId } from "../model/index.ts";
import { BYTES_PER_SIZE, type Holding, type MemoryBudget, type Share } from "../share/index.ts";

/** Of an execution in hand beside its state: the run, its frontier, an attempt, a request. Measured: 11 KB while it waits for an answer. */
const BYTES_PER_RUN = 16 * 1024;

/**
 * Characters of JSON that one execution may hold: what it was started with, and its steps' inputs and outputs. All of it
 * is in memory while something of the execution runs, and one that outgrew the memory would take every other down with
 * it, again after each restart. (Temporal bounds a history at 50 MB.) With little memory it is less: all that there is.
 */
const MAX_SIZE = 64 * 1024 * 1024;

/** What an execution in hand takes of the process. */
export interface Place {
  readonly maxSize: number;
  /** What the execution holds now, as the journal counts it. */
  weigh(size: number): void;
  /** Before it computes. Null: at once. */
  enter(): Promise<void> | null;
  /** All that it has in hand waits for answers: others may compute. */
  leave(): void;
  /** Before it does what may make it larger. Null: at once. */
  pause(signal: AbortSignal): Promise<void> | null;
  /** Room for an answer, to be closed when the answer is part of the execution, or gone. */
  reserve(): AnswerRoom;
  close(): void;
}

export interface AnswerRoom extends StepMemory {
  close(): void;
}

const anyRoom: AnswerRoom = { grow: () => null, shrink: () => {}, close: () => {} };

/** For what runs where nobody else does. */
export const ownPlace: Place = {
  maxSize: MAX_SIZE,
  weigh: () => {},
  enter: () => null,
  leave: () => {},
  pause: () => null,
  reserve: () => anyRoom,
  close: () => {},
};

/** The places of a process: so many executions compute at once, and together they hold so many bytes. */
export class Places {
  constructor(
    private readonly slots: Share,
    private readonly memory: MemoryBudget,
  ) {}

  /** For an execution that holds so much; null when its tenant has to wait. */
  take(tenantId: TenantId, size: number): Place | null {
    const bytes = weightOf(size);
    if (!this.memory.admits(tenantId, bytes) || !this.slots.tryTake(tenantId, 1)) return null;
    const maxSize = Math.min(MAX_SIZE, Math.floor(this.memory.limitBytes / BYTES_PER_SIZE));
    return new SharedPlace(this.slots, this.memory.open(tenantId, bytes), maxSize);
  }

  get computing(): number {
    return this.slots.taken;
  }
}

class SharedPlace implements Place {
  private isInside = true;
  private entering: Promise<void> | null = null;

  constructor(
    private readonly slots: Share,
    private readonly holding: Holding,
    readonly maxSize: number,
  ) {}

  weigh(size: number): void {
    this.holding.resize(weightOf(size));
  }

  enter(): Promise<void> | null {
    if (this.isInside) return null;
    if (this.entering) return this.entering;
    const turn = this.slots.take(this.holding.tenantId, 1);
    if (!turn) {
      this.isInside = true;
      return null;
    }
    this.entering = turn.taken().then(() => {
      this.entering = null;
      this.isInside = true;
    });
    return this.entering;
  }

  leave(): void {
    if (!this.isInside) return;
    this.isInside = false;
    this.slots.give(this.holding.tenantId, 1);
  }

  pause(signal: AbortSignal): Promise<void> | null {
    return this.holding.pause(signal);
  }

  reserve(): AnswerRoom {
    return this.holding.reserve();
  }

  close(): void {
    this.leave();
    // Somebody still waits to enter: it is given back when it is granted.
    void this.entering?.then(() => this.leave());
    this.holding.close();
  }
}

function weightOf(size: number): number {
  return BYTES_PER_RUN + size * BYTES_PER_SIZE;
}
