export const workflowStatuses = ["active", "inactive", "paused", "deleted"] as const;

export type WorkflowStatus = (typeof workflowStatuses)[number];
