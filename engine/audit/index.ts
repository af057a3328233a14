export { type AuditEntry, type AuditFilter, AuditLog, type AuditPage, type AuditRecord } from "./audit-log.ts";
