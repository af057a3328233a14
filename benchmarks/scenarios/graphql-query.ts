/** What Stepwire and its peers are asked for: 20 executions with 5 steps each. */
const document = `query Recent($first: Int!) {
  executions(first: $first) {
    nodes {
      id
      status
      triggerType
      correlationId
      lastEventSeq
      createdAt
      completedAt
      durationMs
      steps(first: 5) { nodes { id name type status attempt startedAt durationMs } }
    }
  }
}`;

export const EXECUTIONS = 20;
export const STEPS = 5;

export const requestBody = JSON.stringify({ query: document, variables: { first: EXECUTIONS } });

/** 32 requests under way keep one process busy; on two cores the other one sends them. */
export const queryLoad = { inFlight: 32, warmUpMs: 1500, measureMs: 2500 };
