import { z } from "zod";
import { DEFAULT_TENANT, DomainError, type TenantId } from "../../engine/index.ts";

/** How clients of the documented API know the tenant of whoever runs the service for themselves. */
const DOCUMENTED_TENANT = "automation-services";

export function tenantWord(tenantId: TenantId): string {
  return tenantId === DEFAULT_TENANT ? DOCUMENTED_TENANT : tenantId;
}

/** The key says whose it is; a body may repeat it. */
export function checkTenant(given: string | null | undefined, tenantId: TenantId): void {
  if (given == null || given === tenantId || given === DOCUMENTED_TENANT) return;
  throw DomainError.invalid([{ path: "tenant_id", message: "must be the tenant of the API key" }]);
}

/** Postgres refuses NUL in text. */
export const wordUpTo = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !value.includes("\0"), "must not hold a NUL character");

export const word = wordUpTo(255);
