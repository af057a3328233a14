/** What an API key may do. Scopes are independent: `admin` does not include the others. */
export const scopes = {
  read: "Read everything of the tenant, and subscribe to its events.",
  write:
    "Create, change and delete workflows, templates, files, schedules and inbound webhooks; delete executions that are over.",
  execute:
    "Start executions and steer them: cancel, pause, resume, retry, send events, approve; backfill, send webhooks again.",
  admin:
    "Create, list, rotate and revoke API keys; read the audit log; hold executions against their removal, and release them.",
} as const;

export type Scope = keyof typeof scopes;

export const allScopes = Object.keys(scopes) as readonly Scope[];
