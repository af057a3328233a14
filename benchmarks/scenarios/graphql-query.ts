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

/**
 * 32 requests under way keep one process busy; on two cores the other one sends them. A fresh server gets a fifth faster
 * in its first three seconds.
 */
export const queryLoad = { inFlight: 32, warmUpMs: 4_000, measureMs: 4_000 };
