/** What an API key may do. Scopes are independent: `admin` does not include the others. */
export const scopes = {
  read: "Read everything of the tenant, and subscribe to its events.",
  write: "Create, change and delete workflows.",
  execute: "Start executions and steer them: cancel, pause, resume, retry, send events, approve.",
  admin: "Create, list, rotate and revoke API keys.",
} as const;

export type Scope = keyof typeof scopes;

export const allScopes = Object.keys(scopes) as readonly Scope[];
