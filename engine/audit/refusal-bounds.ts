import type { ErrorCode, TenantId } from "../model/index.ts";

/** Each refusal is an entry; a client that is refused again and again must not fill the table. */
const WINDOW_MS = 60_000;
/** As many as a GraphQL document may have aliases: one request is told of whole. */
const MAX_OF_KEY = 30;
/** Whoever has no key is one with all others who have none. */
const MAX_OF_NOBODY = 100;

interface Refusal {
  readonly tenantId: TenantId | null;
  readonly actor: string;
  readonly refused: ErrorCode | null;
}

interface Refused {
  readonly tenantId: TenantId | null;
  readonly actor: string;
  count: number;
  leftOut: Partial<Record<ErrorCode, number>> | null;
}

/** What of somebody's refusals in a minute was left out: how many, by code. */
export interface LeftOut {
  readonly tenantId: TenantId | null;
  readonly actor: string;
  readonly codes: Readonly<Partial<Record<ErrorCode, number>>>;
}

/** Keeps so many refusals of each in a minute, and tells at its end what was left out. */
export class RefusalBounds {
  private readonly refused = new Map<string, Refused>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly tell: (leftOut: LeftOut) => void) {}

  /** Whether it is kept; what was no refusal always is. */
  keeps({ tenantId, actor, refused: code }: Refusal): boolean {
    if (code === null) return true;
    this.timer ??= setTimeout(() => this.end(), WINDOW_MS).unref();
    const name = `${tenantId ?? ""}\0${actor}`;
    const own = this.refused.get(name) ?? { tenantId, actor, count: 0, leftOut: null };
    this.refused.set(name, own);
    own.count += 1;
    if (own.count <= (tenantId === null ? MAX_OF_NOBODY : MAX_OF_KEY)) return true;
    own.leftOut ??= {};
    own.leftOut[code] = (own.leftOut[code] ?? 0) + 1;
    return false;
  }

  /** The minute is over, or there will be no more. */
  end(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    for (const { tenantId, actor, leftOut } of this.refused.values()) {
      if (leftOut !== null) this.tell({ tenantId, actor, codes: leftOut });
    }
    this.refused.clear();
  }
}
