export type { AuditEntry, AuditFilter } from "../store/index.ts";
export { AuditLog } from "./audit-log.ts";
export { audited, type Changes } from "./audited.ts";
export { asService, auditedRequest, identify, type Requester } from "./audited-request.ts";
export { auditedKeys, auditedServices } from "./audited-services.ts";
