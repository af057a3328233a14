import { Field, Int, ObjectType } from "type-graphql";
import { fieldMeanings, type WorkflowVersionRow, workflowInput } from "../../engine/index.ts";
import { toCompositeId } from "../relay/composite-id.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { DateTime, JsonObject } from "../scalars.ts";
import { Told } from "../told.ts";

@ObjectType({
  implements: Node,
  description:
    "A workflow's definition and limits as they were at one time. Never changes; executions are pinned to one.",
  simpleResolvers: true,
})
@Told(fieldMeanings(workflowInput))
export class WorkflowVersion implements Node {
  constructor(private readonly row: WorkflowVersionRow) {}

  get id(): string {
    return toCompositeId("WorkflowVersion", this.row.workflowId, this.row.version);
  }

  @Field(() => Int, { description: "Counts from 1 for each workflow." })
  get number(): number {
    return this.row.version;
  }

  @Field(() => JsonObject, { description: "The steps, as they were sent." })
  get definition() {
    return this.row.definition;
  }

  @Field(() => Int)
  get timeoutSeconds(): number {
    return this.row.timeoutSeconds;
  }

  @Field(() => Int)
  get maxRetries(): number {
    return this.row.maxRetries;
  }

  @Field(() => DateTime, { description: "When this version was saved." })
  get createdAt(): Date {
    return this.row.createdAt;
  }
}

export const WorkflowVersionConnection = connectionType("WorkflowVersion", () => WorkflowVersion, "newest first");
