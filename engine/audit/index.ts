export type { AuditEntry, AuditFilter } from "../store/audit-entries.ts";
export { AuditLog } from "./audit-log.ts";
export { auditedKeys, auditedServices } from "./changes.ts";
export { asService, auditedOperation, identify, type Requester } from "./operation.ts";
