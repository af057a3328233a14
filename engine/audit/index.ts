export type { AuditEntry, AuditFilter } from "../store/index.ts";
export { AuditLog } from "./audit-log.ts";
export { audited, type Changes } from "./audited.ts";
export { auditedKeys, auditedServices } from "./audited-services.ts";
export { asService, auditedOperation, identify, type Requester } from "./operation.ts";
