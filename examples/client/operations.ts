import { graphql } from "./generated/index.ts";

export const CreateWorkflow = graphql(`
  mutation CreateWorkflow($input: CreateWorkflowInput!) {
    createWorkflow(input: $input) {
      workflow { id name version }
      userErrors { message field code }
    }
  }
`);

export const ExecuteWorkflow = graphql(`
  mutation ExecuteWorkflow($input: ExecuteWorkflowInput!) {
    executeWorkflow(input: $input) {
      execution { id status lastEventSeq }
      userErrors { message field code }
    }
  }
`);

export const ExecutionResult = graphql(`
  query ExecutionResult($id: ID!) {
    execution(id: $id) {
      id
      status
      durationMs
      result
      error { code message }
      steps(first: 100) { nodes { name status attempt durationMs output } }
    }
  }
`);

export const ExecutionEvents = graphql(`
  subscription ExecutionEvents($executionId: ID!, $after: Int! = 0) {
    executionEvents(executionId: $executionId, after: $after) { seq type at stepName data }
  }
`);

export const RecentExecutions = graphql(`
  query RecentExecutions($first: Int!, $after: String) {
    executions(first: $first, after: $after) {
      nodes { id status createdAt workflow { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
