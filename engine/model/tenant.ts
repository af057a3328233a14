declare const brand: unique symbol;

/**
 * Whose things they are. Comes from rows, and so from the key of whoever asks, and from what the operator has configured:
 * no text of a client's is one.
 */
export type TenantId = string & { readonly [brand]: "tenant" };

/** Takes the operator's word for it. */
export function tenantNamed(name: string): TenantId {
  return name as TenantId;
}

/** That of the first key, and so of whoever runs the service for themselves. */
export const DEFAULT_TENANT = tenantNamed("default");

/** Stands in line like a tenant and is none: requests before their key is read, and what the service does for itself. */
export const NOBODY = tenantNamed("");
