import { Field, ObjectType } from "type-graphql";
import { type ApiKey as ApiKeyRecord, type Scope, scopes } from "../../engine/index.ts";
import { enumeration } from "../enumeration.ts";
import { connectionType } from "../relay/connection.ts";
import { Node } from "../relay/node.ts";
import { toNodeId } from "../relay/node-id.ts";
import { DateTime } from "../scalars.ts";

export const ScopeEnum = enumeration(
  "Scope",
  "What an API key may do. Scopes are independent: ADMIN does not include the others.",
  scopes,
);

@ObjectType({
  implements: Node,
  description: "A key to the API, without its secret: that was shown when it was created, and is not stored.",
  simpleResolvers: true,
})
export class ApiKey implements Node {
  constructor(private readonly key: ApiKeyRecord) {}

  get id(): string {
    return toNodeId("ApiKey", this.key.id);
  }

  @Field(() => String, { description: "What it is for." })
  get name(): string {
    return this.key.name;
  }

  @Field(() => String, { description: "The first characters of its secret, to recognise it by." })
  get prefix(): string {
    return this.key.prefix;
  }

  @Field(() => [ScopeEnum], { description: "What it may do." })
  get scopes(): readonly Scope[] {
    return this.key.scopes;
  }

  @Field(() => DateTime, { description: "When it was created." })
  get createdAt(): Date {
    return this.key.createdAt;
  }

  @Field(() => DateTime, { nullable: true, description: "From when on it is refused; null: never." })
  get expiresAt(): Date | null {
    return this.key.expiresAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it was revoked; null: it was not." })
  get revokedAt(): Date | null {
    return this.key.revokedAt;
  }

  @Field(() => DateTime, { nullable: true, description: "When it was last used, to the minute; null: never." })
  get lastUsedAt(): Date | null {
    return this.key.lastUsedAt;
  }
}

export const ApiKeyConnection = connectionType("ApiKey", () => ApiKey, "newest first");
