import { MAX_EXPRESSION_EFFORT, parseJsonata } from "../../expression/index.ts";
import { type JsonValue, StepError } from "../../model/index.ts";

/**
 * The value of a jsonata expression over `input`; undefined when it has none. One that may loop or grow runs in a sandbox.
 * Throws StepError EXPRESSION_FAILED, retryable when time or memory ran out.
 */
export async function evaluate(text: string, input: JsonValue): Promise<JsonValue | undefined> {
  const outcome = parseJsonata(text, { remaining: MAX_EXPRESSION_EFFORT });
  if ("problem" in outcome) throw failed(`the expression ${outcome.problem}`);
  const { facts, evaluate } = outcome.parsed;
  const [problem] = facts.problems;
  if (problem !== undefined) throw failed(`the expression ${problem}`);
  const reply = await evaluate(input);
  if (!reply.ok) throw failed(`the expression failed: ${reply.message}`, reply.isTransient);
  return reply.value;
}

function failed(message: string, retryable = false): StepError {
  return new StepError("EXPRESSION_FAILED", message, { retryable });
}
