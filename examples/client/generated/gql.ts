/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation CreateWorkflow($input: CreateWorkflowInput!) {\n    createWorkflow(input: $input) {\n      workflow { id name version }\n      userErrors { message field code }\n    }\n  }\n": typeof types.CreateWorkflowDocument,
    "\n  mutation ExecuteWorkflow($input: ExecuteWorkflowInput!) {\n    executeWorkflow(input: $input) {\n      execution { id status lastEventSeq }\n      userErrors { message field code }\n    }\n  }\n": typeof types.ExecuteWorkflowDocument,
    "\n  query ExecutionResult($id: ID!) {\n    execution(id: $id) {\n      id\n      status\n      durationMs\n      result\n      error { code message }\n      steps(first: 100) { nodes { name status attempt durationMs output } }\n    }\n  }\n": typeof types.ExecutionResultDocument,
    "\n  subscription ExecutionEvents($executionId: ID!, $after: Int! = 0) {\n    executionEvents(executionId: $executionId, after: $after) { seq type at stepName data }\n  }\n": typeof types.ExecutionEventsDocument,
    "\n  query RecentExecutions($first: Int!, $after: String) {\n    executions(first: $first, after: $after) {\n      nodes { id status createdAt workflow { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.RecentExecutionsDocument,
};
const documents: Documents = {
    "\n  mutation CreateWorkflow($input: CreateWorkflowInput!) {\n    createWorkflow(input: $input) {\n      workflow { id name version }\n      userErrors { message field code }\n    }\n  }\n": types.CreateWorkflowDocument,
    "\n  mutation ExecuteWorkflow($input: ExecuteWorkflowInput!) {\n    executeWorkflow(input: $input) {\n      execution { id status lastEventSeq }\n      userErrors { message field code }\n    }\n  }\n": types.ExecuteWorkflowDocument,
    "\n  query ExecutionResult($id: ID!) {\n    execution(id: $id) {\n      id\n      status\n      durationMs\n      result\n      error { code message }\n      steps(first: 100) { nodes { name status attempt durationMs output } }\n    }\n  }\n": types.ExecutionResultDocument,
    "\n  subscription ExecutionEvents($executionId: ID!, $after: Int! = 0) {\n    executionEvents(executionId: $executionId, after: $after) { seq type at stepName data }\n  }\n": types.ExecutionEventsDocument,
    "\n  query RecentExecutions($first: Int!, $after: String) {\n    executions(first: $first, after: $after) {\n      nodes { id status createdAt workflow { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.RecentExecutionsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateWorkflow($input: CreateWorkflowInput!) {\n    createWorkflow(input: $input) {\n      workflow { id name version }\n      userErrors { message field code }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateWorkflow($input: CreateWorkflowInput!) {\n    createWorkflow(input: $input) {\n      workflow { id name version }\n      userErrors { message field code }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ExecuteWorkflow($input: ExecuteWorkflowInput!) {\n    executeWorkflow(input: $input) {\n      execution { id status lastEventSeq }\n      userErrors { message field code }\n    }\n  }\n"): (typeof documents)["\n  mutation ExecuteWorkflow($input: ExecuteWorkflowInput!) {\n    executeWorkflow(input: $input) {\n      execution { id status lastEventSeq }\n      userErrors { message field code }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ExecutionResult($id: ID!) {\n    execution(id: $id) {\n      id\n      status\n      durationMs\n      result\n      error { code message }\n      steps(first: 100) { nodes { name status attempt durationMs output } }\n    }\n  }\n"): (typeof documents)["\n  query ExecutionResult($id: ID!) {\n    execution(id: $id) {\n      id\n      status\n      durationMs\n      result\n      error { code message }\n      steps(first: 100) { nodes { name status attempt durationMs output } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ExecutionEvents($executionId: ID!, $after: Int! = 0) {\n    executionEvents(executionId: $executionId, after: $after) { seq type at stepName data }\n  }\n"): (typeof documents)["\n  subscription ExecutionEvents($executionId: ID!, $after: Int! = 0) {\n    executionEvents(executionId: $executionId, after: $after) { seq type at stepName data }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RecentExecutions($first: Int!, $after: String) {\n    executions(first: $first, after: $after) {\n      nodes { id status createdAt workflow { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query RecentExecutions($first: Int!, $after: String) {\n    executions(first: $first, after: $after) {\n      nodes { id status createdAt workflow { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;