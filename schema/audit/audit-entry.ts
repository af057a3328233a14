import { Field, ObjectType } from "type-graphql";
import type { AuditEntry as EntryRecord } from "../../engine/index.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime, Json } from "../scalars.ts";

@ObjectType({
  implements: Node,
  description: "Who changed what, or was refused. Never changed, and kept for a year; secrets in it are masked.",
  simpleResolvers: true,
})
export class AuditEntry implements Node {
  constructor(private readonly record: EntryRecord) {}

  get id(): string {
    return toNodeId("AuditEntry", this.record.id);
  }

  @Field(() => DateTime, { description: "When." })
  get at(): Date {
    return this.record.at;
  }

  @Field(() => String, {
    description: "Who: `key:12`, `hook:3` for a call of an inbound webhook, `cli` for `npm run keys`, or `anonymous`.",
  })
  get actor(): string {
    return this.record.actor;
  }

  @Field(() => String, {
    description:
      "What: `workflow.update`; or the request as it came, such as `GET /api/v1/workflows` or `query apiKeys`.",
  })
  get action(): string {
    return this.record.action;
  }

  @Field(() => String, { nullable: true, description: "To what: `workflow:5`; null when there is no such thing." })
  get target(): string | null {
    return this.record.target;
  }

  @Field(() => String, { nullable: true, description: "The request's, as `X-Correlation-ID` said." })
  get correlationId(): string | null {
    return this.record.correlationId;
  }

  @Field(() => String, {
    nullable: true,
    description: "Why it was refused, as an error code; null when it was done.",
  })
  get refused(): string | null {
    return this.record.refused;
  }

  @Field(() => Json, {
    nullable: true,
    description: "What it was like before. A large one is shown by its beginning: `{truncated, bytes, excerpt}`.",
  })
  get before() {
    return this.record.before;
  }

  @Field(() => Json, {
    nullable: true,
    description: "What it was like afterwards; of a refused change, what was asked for.",
  })
  get after() {
    return this.record.after;
  }
}

export const AuditEntryConnection = connectionType("AuditEntry", () => AuditEntry, "newest first");
