import { Ctx, Field, Int, ObjectType } from "type-graphql";
import { fieldMeanings, type Hook as HookRecord, hookInput } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime } from "../scalars.ts";
import { Told } from "../told.ts";
import { Workflow } from "../workflow/workflow.ts";

@ObjectType({
  implements: Node,
  description:
    "An inbound webhook: `POST /hooks/{token}` starts its workflow. Token and secret were shown when it was made or rotated; they cannot be read again.",
  simpleResolvers: true,
})
@Told(fieldMeanings(hookInput))
export class Hook implements Node {
  constructor(private readonly record: HookRecord) {}

  get id(): string {
    return toNodeId("Hook", this.record.id);
  }

  @Field(() => String)
  get name(): string {
    return this.record.name;
  }

  @Field(() => String, { description: "The first characters of its token, to recognise it by." })
  get tokenPrefix(): string {
    return this.record.tokenPrefix;
  }

  @Field(() => Boolean)
  get isUnsigned(): boolean {
    return this.record.unsigned;
  }

  @Field(() => Int)
  get replayWindowSeconds(): number {
    return this.record.replayWindowSeconds;
  }

  @Field(() => Boolean)
  get isEnabled(): boolean {
    return this.record.enabled;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: "Until then token and secret from before the last rotation are good, too; null: it was not rotated.",
  })
  get previousUntil(): Date | null {
    return this.record.previousUntil;
  }

  @Field(() => DateTime, { description: "When it was created." })
  get createdAt(): Date {
    return this.record.createdAt;
  }

  @Field(() => DateTime, { description: "When it was last changed." })
  get updatedAt(): Date {
    return this.record.updatedAt;
  }

  @Field(() => Workflow, { nullable: true, description: "What each call starts; null once it was deleted." })
  async workflow(@Ctx() { loaders }: Context): Promise<Workflow | null> {
    const row = await loaders.workflow.load(this.record.workflowId);
    return row === null || row.status === "deleted" ? null : new Workflow(row);
  }
}

export const HookConnection = connectionType("Hook", () => Hook, "newest first");
