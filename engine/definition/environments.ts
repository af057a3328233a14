import type { Environment } from "../expression/index.ts";
import { type TenantId, tenantNamed } from "../model/index.ts";
import type { DefinitionContext } from "./index.ts";

/** Of a grant to all tenants. */
export const EVERY_TENANT = tenantNamed("*");

/** What `{{env.NAME}}` may read: tenant → name → value. */
export type Grants = ReadonlyMap<TenantId, ReadonlyMap<string, string>>;

/** The variables that each tenant's definitions may read: those granted to it by name, and those granted to every tenant. */
export class Environments {
  private readonly known = new Map<TenantId, Environment>();

  constructor(private readonly grants: Grants) {}

  of(tenantId: TenantId): Environment {
    // A tenant without a grant of its own shares one environment with all such.
    const owner = this.grants.has(tenantId) ? tenantId : EVERY_TENANT;
    const known = this.known.get(owner);
    if (known) return known;
    const values = new Map([...(this.grants.get(EVERY_TENANT) ?? []), ...(this.grants.get(owner) ?? [])]);
    const environment = { names: [...values.keys()], get: (name: string) => values.get(name) };
    this.known.set(owner, environment);
    return environment;
  }

  /** Of all tenants: none of them may be shown, whoever's it is. */
  values(): string[] {
    return [...this.grants.values()].flatMap((values) => [...values.values()]);
  }
}

/** What definitions are compiled with, whoever's they are. */
export interface TenantContext {
  readonly stepTypes: DefinitionContext["stepTypes"];
  readonly environments: Environments;
}

/** For those of one tenant. */
export function contextOf(
  { stepTypes, environments }: TenantContext,
  tenantId: TenantId,
): Omit<DefinitionContext, "defaults"> {
  return { stepTypes, env: environments.of(tenantId) };
}
