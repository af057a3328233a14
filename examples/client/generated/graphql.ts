/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** A new workflow. */
export type CreateWorkflowInput = {
  /** When it starts by itself: 5-field cron expression, UTC, else INVALID_CRON. At most 255 characters. */
  cronSchedule?: string | null | undefined;
  /** The steps: `{steps: [{name, type, config, …}]}`. At most 1 MiB, 1,000 steps, nested 32 deep. `validateDefinition` checks one without saving it. */
  definition: Record<string, unknown>;
  /** Free text. At most 10,000 characters. */
  description?: string | null | undefined;
  /** A disabled workflow cannot be executed, whatever its status. Default true. */
  isEnabled?: boolean | null | undefined;
  /** Whether `cronSchedule` fires. Default false. */
  isScheduled?: boolean | null | undefined;
  /** Retries after the first attempt of a step that has no `retry` of its own. 0 to 100. Default 3. */
  maxRetries?: number | null | undefined;
  /** Unique among the tenant's workflows, else NAME_TAKEN. 1 to 255 characters. */
  name: string;
  /** Days that an execution is kept after its end, with its children; null: as the tenant or the installation says. 1 to 36,500. */
  retentionDays?: number | null | undefined;
  /** Limit of a whole execution in seconds; then it has timed out. 1 to 31,536,000. Default 300. */
  timeoutSeconds?: number | null | undefined;
  /** Settings of its trigger: `{type, enabled, …}`. */
  triggerConfig?: Record<string, unknown> | null | undefined;
  /** Extensions of files that start it, without dots; null: any. At most 1,000 characters. */
  triggerFileExtensions?: Array<string> | null | undefined;
  /** Whether each matching file upload starts it. Default false. */
  triggerOnFileUpload?: boolean | null | undefined;
};

/** What went wrong, for programs. Stable; the same words as `error_code` of the REST API. */
export type ErrorCode =
  /** What was asked for is more than one answer may hold: ask for less at once. */
  | 'ANSWER_TOO_LARGE'
  /** No such API key. */
  | 'API_KEY_NOT_FOUND'
  /** The database is away, busy, full or read-only, and the request's time was over: try again after `Retry-After`. The message says whether something may have been stored. */
  | 'DATABASE_UNAVAILABLE'
  /** No such webhook delivery, or it is past its retention. */
  | 'DELIVERY_NOT_FOUND'
  /** What one start led to, over the whole tree of children and events, would be more executions than the limit. */
  | 'DESCENDANT_LIMIT'
  /** No such execution. */
  | 'EXECUTION_NOT_FOUND'
  /** No such file, or it was deleted. */
  | 'FILE_NOT_FOUND'
  /** Too much work on files of the tenant waits already: try again in a while. */
  | 'FILE_PROCESSING_BUSY'
  /** The file cannot be read, converted or recognised. */
  | 'FILE_PROCESSING_FAILED'
  /** The work on the file was ended at its time limit. */
  | 'FILE_PROCESSING_TIMEOUT'
  /** The tenant's files would take more than its quota. */
  | 'FILE_QUOTA_EXCEEDED'
  /** The file is larger than the limit. */
  | 'FILE_TOO_LARGE'
  /** The content of the file is of a type that is not accepted. */
  | 'FILE_TYPE_NOT_ALLOWED'
  /** The API key lacks the scope, or the thing is built in and nobody's to change. */
  | 'FORBIDDEN'
  /** No such hook, or it is disabled. */
  | 'HOOK_NOT_FOUND'
  /** The idempotency key was used with another request body. */
  | 'IDEMPOTENCY_CONFLICT'
  /** A fault of the service. */
  | 'INTERNAL'
  /** The cron expression cannot be read. */
  | 'INVALID_CRON'
  /** The execution or step is not in a state that allows this. */
  | 'INVALID_STATE'
  /** Another worker took the execution over; this one must not write it any more. */
  | 'LEASE_LOST'
  /** Another workflow or template of this tenant has the name. */
  | 'NAME_TAKEN'
  /** No such address. */
  | 'NOT_FOUND'
  /** The service is starting, stopping, or without its database: try again in a moment. */
  | 'NOT_READY'
  /** The service holds as much as its memory allows: try again in a moment. */
  | 'OVERLOADED'
  /** The range that was asked for lies beyond the file. */
  | 'RANGE_NOT_SATISFIABLE'
  /** The key has spent its budget of requests for this minute, or unknown keys came too often from its address. */
  | 'RATE_LIMITED'
  /** No such saga. */
  | 'SAGA_NOT_FOUND'
  /** No such saga type. */
  | 'SAGA_TYPE_NOT_FOUND'
  /** No such schedule. */
  | 'SCHEDULE_NOT_FOUND'
  /** The process is stopping and takes no new work. */
  | 'SHUTTING_DOWN'
  /** The call of a hook is not signed with the hook's secret. */
  | 'SIGNATURE_INVALID'
  /** No such step. */
  | 'STEP_NOT_FOUND'
  /** No such template. */
  | 'TEMPLATE_NOT_FOUND'
  /** The signed timestamp of a hook's call is outside its replay window. */
  | 'TIMESTAMP_REFUSED'
  /** API key required, or invalid. */
  | 'UNAUTHENTICATED'
  /** The input breaks a rule; `issues` names each path. */
  | 'VALIDATION_FAILED'
  /** The stream of events is not at the expected version. */
  | 'VERSION_CONFLICT'
  /** A workflow needs a non-empty workflow_config with steps. */
  | 'WORKFLOW_CONFIG_REQUIRED'
  /** The workflow is disabled or not active. */
  | 'WORKFLOW_NOT_EXECUTABLE'
  /** No such workflow, or it was deleted. */
  | 'WORKFLOW_NOT_FOUND';

/** What to execute, and with what. */
export type ExecuteWorkflowInput = {
  /** The same key with the same trigger data gives the same execution, so a start can be sent again; with other data IDEMPOTENCY_CONFLICT. 1 to 255 characters. Default: each call starts one. */
  idempotencyKey?: string | null | undefined;
  /** `{{trigger.…}}` in the steps, at most 1 MiB. Default `{}`. */
  triggerData?: Record<string, unknown> | null | undefined;
  /** The workflow to execute: ACTIVE and enabled, else WORKFLOW_NOT_EXECUTABLE. */
  workflowId: string | number;
};

/** What happened to an execution. */
export type ExecutionEventType =
  /** It is over: cancelled. Data: `compensation_status`. */
  | 'EXECUTION_CANCELLED'
  /** What was done is being undone. */
  | 'EXECUTION_COMPENSATING'
  /** An undoing that failed is taken up again by hand. Data: what it `was`. */
  | 'EXECUTION_COMPENSATION_RESUMED'
  /** It is over: completed. Data: `compensation_status`. */
  | 'EXECUTION_COMPLETED'
  /** It was stored. Data: what it was started with. */
  | 'EXECUTION_CREATED'
  /** It is over: failed. Data: `compensation_status`. */
  | 'EXECUTION_FAILED'
  /** It is held. */
  | 'EXECUTION_PAUSED'
  /** A failed step is tried again by hand. Data: `step`, what it `was`, `deadline_at`. */
  | 'EXECUTION_REOPENED'
  /** It goes on. Data: the new `deadline_at`. */
  | 'EXECUTION_RESUMED'
  /** Its work begins. Data: `deadline_at`. */
  | 'EXECUTION_STARTED'
  /** The work is given up. Data: `outcome`, `error`, and whether it will `compensate`. */
  | 'EXECUTION_STOPPING'
  /** It is over: timed out. Data: `compensation_status`. */
  | 'EXECUTION_TIMED_OUT'
  /** Every open step waits. */
  | 'EXECUTION_WAITING'
  /** A wait ended. */
  | 'EXECUTION_WOKEN'
  /** Stopped with its execution. Data: `reason`. */
  | 'STEP_CANCELLED'
  /** Taken over, as settled, from the execution that this one was forked from. Data: the step, `status`, `input`, `output`, `error`. */
  | 'STEP_CARRIED'
  /** Done. Data: `output`. */
  | 'STEP_COMPLETED'
  /** Failed for good. Data: `error`. */
  | 'STEP_FAILED'
  /** Back to its beginning, because it is retried by hand. */
  | 'STEP_RESET'
  /** An attempt failed and there will be another. Data: `attempt`, `error`, `retry_at`. */
  | 'STEP_RETRYING'
  /** Not done. Data: `reason`; `output` when it was skipped by hand. */
  | 'STEP_SKIPPED'
  /** An attempt began. Data: the step, `attempt`, `input`. */
  | 'STEP_STARTED'
  /** It waits. Data: `wait`, and `wake_at`. */
  | 'STEP_WAITING';

/** Where an execution stands. */
export type ExecutionStatus =
  /** Over: by request. */
  | 'CANCELLED'
  /** Given up; what was done is being undone. */
  | 'COMPENSATING'
  /** Over: every step is settled. */
  | 'COMPLETED'
  /** Over: a step failed for good. */
  | 'FAILED'
  /** Held by request; resumeExecution lets it go on. */
  | 'PAUSED'
  /** Stored, not begun. */
  | 'PENDING'
  /** A step is in hand. */
  | 'RUNNING'
  /** Over: it took longer than the workflow's limit. */
  | 'TIMED_OUT'
  /** Every open step waits: for a time, an event, an approval or another execution. */
  | 'WAITING';

/** Where a step stands. */
export type StepStatus =
  /** Stopped with its execution. */
  | 'CANCELLED'
  /** Done; `output` holds the result. */
  | 'COMPLETED'
  /** Failed for good; `error` says why. */
  | 'FAILED'
  /** To be begun again, after a retry by hand. */
  | 'PENDING'
  /** An attempt is under way. */
  | 'RUNNING'
  /** Not done: its `if` was false, or it was skipped by hand; then `output` may hold what was given in its place. */
  | 'SKIPPED'
  /** It waits; `waitingOn` says what for. */
  | 'WAITING';

export type CreateWorkflowMutationVariables = Exact<{
  input: CreateWorkflowInput;
}>;


export type CreateWorkflowMutation = { createWorkflow: { workflow: { id: string, name: string, version: number } | null, userErrors: Array<{ message: string, field: Array<string> | null, code: ErrorCode }> } };

export type ExecuteWorkflowMutationVariables = Exact<{
  input: ExecuteWorkflowInput;
}>;


export type ExecuteWorkflowMutation = { executeWorkflow: { execution: { id: string, status: ExecutionStatus, lastEventSeq: number } | null, userErrors: Array<{ message: string, field: Array<string> | null, code: ErrorCode }> } };

export type ExecutionResultQueryVariables = Exact<{
  id: string | number;
}>;


export type ExecutionResultQuery = { execution: { id: string, status: ExecutionStatus, durationMs: number | null, result: Record<string, unknown> | null, error: { code: string, message: string } | null, steps: { nodes: Array<{ name: string, status: StepStatus, attempt: number, durationMs: number | null, output: unknown }> } } | null };

export type ExecutionEventsSubscriptionVariables = Exact<{
  executionId: string | number;
  after?: number;
}>;


export type ExecutionEventsSubscription = { executionEvents: { seq: number, type: ExecutionEventType, at: string, stepName: string | null, data: Record<string, unknown> } };

export type RecentExecutionsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type RecentExecutionsQuery = { executions: { nodes: Array<{ id: string, status: ExecutionStatus, createdAt: string, workflow: { name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };


export const CreateWorkflowDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateWorkflow"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateWorkflowInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createWorkflow"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workflow"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}}]}}]}}]}}]} as unknown as DocumentNode<CreateWorkflowMutation, CreateWorkflowMutationVariables>;
export const ExecuteWorkflowDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ExecuteWorkflow"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ExecuteWorkflowInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"executeWorkflow"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"execution"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastEventSeq"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}}]}}]}}]}}]} as unknown as DocumentNode<ExecuteWorkflowMutation, ExecuteWorkflowMutationVariables>;
export const ExecutionResultDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExecutionResult"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"execution"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"durationMs"}},{"kind":"Field","name":{"kind":"Name","value":"result"}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"steps"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"durationMs"}},{"kind":"Field","name":{"kind":"Name","value":"output"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ExecutionResultQuery, ExecutionResultQueryVariables>;
export const ExecutionEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ExecutionEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"executionId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},"defaultValue":{"kind":"IntValue","value":"0"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"executionEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"executionId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"executionId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"stepName"}},{"kind":"Field","name":{"kind":"Name","value":"data"}}]}}]}}]} as unknown as DocumentNode<ExecutionEventsSubscription, ExecutionEventsSubscriptionVariables>;
export const RecentExecutionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RecentExecutions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"executions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"workflow"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<RecentExecutionsQuery, RecentExecutionsQueryVariables>;