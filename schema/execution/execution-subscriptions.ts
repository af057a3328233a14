import { Arg, ID, Int, Resolver, Root, Subscription } from "type-graphql";
import type { ExecutionEvent as EventRecord, ExecutionRecord } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { Execution } from "./execution.ts";
import { ExecutionEvent } from "./execution-event.ts";

const idOf = ({ executionId }: { readonly executionId: string }): number =>
  fromNodeId("Execution", executionId, "executionId");

/** What they subscribe to are sources that many subscribers share; a server that knows nothing of that may iterate them. */
@Resolver()
export class ExecutionSubscriptions {
  @Subscription(() => ExecutionEvent, {
    description:
      "Every event of an execution after `after`, in order, each once, without a gap; what has happened comes first, then what happens. Completes after the event that ends the execution; one that is retried by hand later is subscribed to again. After a broken connection, subscribe again with the seq of the last event that arrived.",
    subscribe: ({ args, context }) => {
      const { engine, actor } = context as Context;
      return engine.live.executionEvents(actor.tenantId, idOf(args as { executionId: string }), args.after as number);
    },
  })
  executionEvents(
    @Root() event: EventRecord,
    @Arg("executionId", () => ID, { description: "Of the execution, such as `ex_789`; else EXECUTION_NOT_FOUND." })
    _executionId: string,
    @Arg("after", () => Int, {
      defaultValue: 0,
      description:
        "Seq of the last event that is known, such as `lastEventSeq`; at most that of the last one there is, else VALIDATION_FAILED. Default 0: from the beginning.",
    })
    _after: number,
  ): ExecutionEvent {
    return new ExecutionEvent(event);
  }

  @Subscription(() => Execution, {
    description:
      "An execution as it is, at once and after each change. A slow reader misses states in between, never the newest. Completes with the state in which it is over.",
    subscribe: ({ args, context }) => {
      const { engine, actor } = context as Context;
      return engine.live.executionUpdates(actor.tenantId, idOf(args as { executionId: string }));
    },
  })
  executionUpdates(
    @Root() record: ExecutionRecord,
    @Arg("executionId", () => ID, { description: "Of the execution, such as `ex_789`; else EXECUTION_NOT_FOUND." })
    _executionId: string,
  ): Execution {
    return new Execution(record);
  }
}
