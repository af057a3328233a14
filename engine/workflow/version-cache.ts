import type pg from "pg";
import { readVersions, type VersionKey, type WorkflowVersionRow } from "../store/index.ts";

const MAX_VERSIONS = 2_000;
/** As stored. A larger definition is read each time: a thousand of those must not fill the memory. */
const MAX_BYTES = 16_384;

/** Versions of workflows. One never changes, so nothing has to be invalidated. */
export class VersionCache {
  private readonly versions = new Map<string, WorkflowVersionRow>();

  constructor(private readonly pool: pg.Pool) {}

  /** In no order; what does not exist is not among them. */
  async get(keys: readonly VersionKey[]): Promise<WorkflowVersionRow[]> {
    const found: WorkflowVersionRow[] = [];
    const missing: VersionKey[] = [];
    for (const key of keys) {
      const known = this.versions.get(nameOf(key));
      if (known) found.push(known);
      else missing.push(key);
    }
    if (missing.length === 0) return found;
    for (const { bytes, ...row } of await readVersions(this.pool, missing)) {
      found.push(row);
      if (bytes <= MAX_BYTES) this.keep(row);
    }
    return found;
  }

  private keep(row: WorkflowVersionRow): void {
    this.versions.set(nameOf(row), row);
    if (this.versions.size > MAX_VERSIONS) this.versions.delete(this.versions.keys().next().value!);
  }
}

function nameOf({ workflowId, version }: { readonly workflowId: number; readonly version: number }): string {
  return `${workflowId}:${version}`;
}
