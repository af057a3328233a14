/** The part of Stepwire's schema that the query touches, in the same shape. */
export const typeDefs = `
  scalar DateTime
  scalar SafeInt
  enum ExecutionStatus { PENDING RUNNING WAITING PAUSED COMPENSATING COMPLETED FAILED TIMED_OUT CANCELLED }
  enum StepStatus { PENDING RUNNING WAITING COMPLETED FAILED SKIPPED CANCELLED }
  enum TriggerType { MANUAL SCHEDULED FILE_UPLOAD WEBHOOK EVENT }
  type Query { executions(first: Int, after: String): ExecutionConnection! }
  type ExecutionConnection { nodes: [Execution!]! }
  type Execution {
    id: ID!
    status: ExecutionStatus!
    triggerType: TriggerType!
    correlationId: String
    lastEventSeq: Int!
    createdAt: DateTime!
    completedAt: DateTime
    durationMs: SafeInt
    steps(first: Int, after: String): StepConnection!
  }
  type StepConnection { nodes: [Step!]! }
  type Step {
    id: ID!
    name: String!
    type: String!
    status: StepStatus!
    attempt: Int!
    startedAt: DateTime
    durationMs: SafeInt
  }
`;

const duration = ({ startedAt, completedAt }) => completedAt - startedAt;
const iso = (name) => (record) => new Date(record[name]).toISOString();

/** `source`: executions(first), and a page of steps by execution. */
export function resolversOf(source) {
  return {
    Query: {
      executions: async (_root, { first }) => ({ nodes: await source.executions(first) }),
    },
    Execution: {
      id: ({ id }) => `ex_${id}`,
      status: ({ status }) => status.toUpperCase(),
      triggerType: ({ triggerType }) => triggerType.toUpperCase(),
      createdAt: iso("createdAt"),
      completedAt: iso("completedAt"),
      durationMs: duration,
      steps: async ({ id }, { first }, { steps }) => ({ nodes: await steps(id, first) }),
    },
    Step: {
      id: ({ id }) => `st_${id}`,
      status: ({ status }) => status.toUpperCase(),
      startedAt: iso("startedAt"),
      durationMs: duration,
    },
  };
}
