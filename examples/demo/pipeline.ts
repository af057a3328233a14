import type { Client } from "graphql-ws";
import { graphql, type Target } from "./api.ts";
import { createProgress, type Happening } from "./progress.ts";

/** A workflow in the names of the REST API. */
interface Documented {
  readonly name: string;
  readonly description: string;
  readonly workflow_config: object;
  readonly trigger_on_file_upload: boolean;
  readonly trigger_file_extensions: string;
  readonly timeout_seconds: number;
  readonly max_retries: number;
}

interface Payload {
  readonly workflow: { readonly id: string; readonly name: string } | null;
  readonly userErrors: readonly { readonly message: string }[];
}

/** Makes the workflow, under a name of its own at each run. */
export async function createPipeline(target: Target, documented: Documented): Promise<{ id: string; name: string }> {
  const name = `${documented.name}, ${new Date().toISOString().slice(0, 19).replace("T", " ")}`;
  const input = {
    name,
    description: documented.description,
    definition: documented.workflow_config,
    triggerOnFileUpload: documented.trigger_on_file_upload,
    triggerFileExtensions: documented.trigger_file_extensions.split(","),
    timeoutSeconds: documented.timeout_seconds,
    maxRetries: documented.max_retries,
  };
  const { createWorkflow } = await graphql<{ createWorkflow: Payload }>(
    target,
    `mutation ($input: CreateWorkflowInput!) {
      createWorkflow(input: $input) { workflow { id name } userErrors { message } }
    }`,
    { input },
  );
  if (!createWorkflow.workflow) throw new Error(createWorkflow.userErrors.map((error) => error.message).join("; "));
  return createWorkflow.workflow;
}

interface Started {
  readonly workflow: { readonly executions: { readonly nodes: { id: string; triggerData: { file_id: number } }[] } };
}

const LOOKS = 200;
const LOOK_MS = 50;

/** The execution that the upload of the file has started. */
export async function executionOf(target: Target, workflowId: string, fileId: number): Promise<string> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const { workflow } = await graphql<Started>(
      target,
      "query ($id: ID!) { workflow(id: $id) { executions(first: 10) { nodes { id triggerData } } } }",
      { id: workflowId },
    );
    const found = workflow.executions.nodes.find(({ triggerData }) => triggerData.file_id === fileId);
    if (found) return found.id;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`File ${fileId} started no execution of ${workflowId}`);
}

/** Prints every step as it happens. Resolves to true when the execution is over: its stream of events then ends. */
export async function watch(client: Client, executionId: string, say: (text: string) => void): Promise<true> {
  const progress = createProgress(say);
  const query = `subscription ($id: ID!) {
    executionEvents(executionId: $id, after: 0) { seq type at stepName data }
  }`;
  const events = client.iterate<{ executionEvents: Happening }>({ query, variables: { id: executionId } });
  let seen = 0;
  for await (const { data, errors } of events) {
    if (errors) throw new Error(errors.map((error) => error.message).join("; "));
    // After a lost connection the client subscribes anew, and gets the events from the first on again.
    if (!data || data.executionEvents.seq <= seen) continue;
    seen = data.executionEvents.seq;
    progress(data.executionEvents);
  }
  return true;
}

export interface Outcome {
  readonly status: string;
  /** Step name → output. */
  readonly result: Readonly<Record<string, object>>;
}

export async function resultOf(target: Target, executionId: string): Promise<Outcome> {
  const { execution } = await graphql<{ execution: Outcome }>(
    target,
    "query ($id: ID!) { execution(id: $id) { status result } }",
    { id: executionId },
  );
  return execution;
}
