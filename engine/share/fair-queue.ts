import type { TenantId } from "../model/index.ts";

/** A line moves up when so many have gone from its head, and half of it: each is moved at most once. */
const COMPACT_AFTER = 1_024;

interface Line<T> {
  /** Before the head there is nothing: whoever has gone is not held on to. */
  items: (T | undefined)[];
  head: number;
}

/**
 * Tenants take turns: each has a line, and whoever is next comes from the line that was served longest ago. However long
 * one tenant's line is, another's first waits for one of each. Everything costs the same at any length.
 */
export class FairQueue<T> {
  private readonly lines = new Map<TenantId, Line<T>>();

  /** `isGone`: who has left the line since, and is passed over. */
  constructor(private readonly isGone: (item: T) => boolean = () => false) {}

  push(tenantId: TenantId, item: T): void {
    const line = this.lines.get(tenantId);
    if (line) line.items.push(item);
    else this.lines.set(tenantId, { items: [item], head: 0 });
  }

  /** The next one, of those whose tenant may be served. */
  shift(may: (tenantId: TenantId, item: T) => boolean = () => true): T | undefined {
    for (const [tenantId, line] of this.lines) {
      const item = this.first(line);
      if (item === undefined) this.lines.delete(tenantId);
      else if (may(tenantId, item)) {
        pass(line);
        if (line.head === line.items.length) this.lines.delete(tenantId);
        else if (this.lines.size > 1) {
          // To the end of the turn.
          this.lines.delete(tenantId);
          this.lines.set(tenantId, line);
        }
        return item;
      }
    }
    return undefined;
  }

  /** Whether nobody waits but this tenant. */
  isOnly(tenantId: TenantId): boolean {
    return this.lines.size === 0 || (this.lines.size === 1 && this.lines.has(tenantId)) || !this.othersThan(tenantId);
  }

  /** Whether anybody waits whose tenant is not this one. */
  private othersThan(tenantId: TenantId): boolean {
    for (const [other, line] of this.lines) {
      if (other !== tenantId && this.first(line) !== undefined) return true;
    }
    return false;
  }

  waits(tenantId: TenantId): boolean {
    const line = this.lines.get(tenantId);
    return line !== undefined && this.first(line) !== undefined;
  }

  *tenants(): Iterable<TenantId> {
    for (const [tenantId, line] of this.lines) if (this.first(line) !== undefined) yield tenantId;
  }

  get isEmpty(): boolean {
    return this.lines.size === 0 || this.tenants()[Symbol.iterator]().next().done === true;
  }

  clear(): void {
    this.lines.clear();
  }

  private first(line: Line<T>): T | undefined {
    while (line.head < line.items.length && this.isGone(line.items[line.head]!)) pass(line);
    return line.items[line.head];
  }
}

function pass(line: Line<unknown>): void {
  line.items[line.head] = undefined;
  line.head += 1;
  const isOver = line.head === line.items.length;
  if (!isOver && (line.head < COMPACT_AFTER || line.head * 2 < line.items.length)) return;
  line.items = isOver ? [] : line.items.slice(line.head);
  line.head = 0;
}
