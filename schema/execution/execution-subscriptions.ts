import { Arg, ID, Int, Resolver, Root, Subscription } from "type-graphql";
import { DomainError, type ExecutionEvent as EventRecord } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { ExecutionEvent } from "./execution-event.ts";

const MAX_SEQ = 2 ** 31 - 1;

@Resolver()
export class ExecutionSubscriptions {
  @Subscription(() => ExecutionEvent, {
    description:
      "Every event of an execution after `after`, in order, each once, without a gap; what has happened comes first, then what happens. Completes after the event that ends the execution. After a broken connection, subscribe again with the seq of the last event that arrived.",
    subscribe: ({ args, context }) => subscribe(args as Arguments, context as Context),
  })
  executionEvents(
    @Root() event: EventRecord,
    @Arg("executionId", () => ID, { description: "Of the execution, such as `ex_789`; else EXECUTION_NOT_FOUND." })
    _executionId: string,
    @Arg("after", () => Int, {
      defaultValue: 0,
      description: "Seq of the last event that is known, such as `lastEventSeq`. Default 0: from the beginning.",
    })
    _after: number,
  ): ExecutionEvent {
    return new ExecutionEvent(event);
  }
}

interface Arguments {
  readonly executionId: string;
  readonly after: number;
}

function subscribe({ executionId, after }: Arguments, { engine, actor }: Context) {
  if (after < 0) throw DomainError.invalid([{ path: "after", message: `must be 0 to ${MAX_SEQ}` }]);
  return engine.executions.events(actor.tenantId, fromNodeId("Execution", executionId, "executionId"), after);
}
