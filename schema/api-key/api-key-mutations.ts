import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from "type-graphql";
import { fieldTexts, graceInput, keyInput, type Scope } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { attempt, MutationPayload } from "../errors/user-error.ts";
import { fromNodeId } from "../relay/node-id.ts";
import { DateTime } from "../scalars.ts";
import { Told } from "../told.ts";
import { ApiKey, ScopeEnum } from "./api-key.ts";

@InputType({ description: "A new API key." })
@Told(fieldTexts(keyInput))
class CreateApiKeyInput {
  @Field(() => String)
  name!: string;

  @Field(() => [ScopeEnum])
  scopes!: Scope[];

  @Field(() => DateTime, { nullable: true, description: "From when on it is refused. Default: never." })
  expiresAt?: Date | null;
}

@InputType({ description: "Which API key to revoke." })
class RevokeApiKeyInput {
  @Field(() => ID, { description: "The key to revoke." })
  apiKeyId!: string;
}

@InputType({ description: "Which API key gets a new secret." })
@Told(fieldTexts(graceInput))
class RotateApiKeyInput {
  @Field(() => ID, { description: "The key to replace." })
  apiKeyId!: string;

  @Field(() => Int, { nullable: true })
  graceSeconds?: number | null;
}

@ObjectType({ implements: MutationPayload, description: "What createApiKey did.", simpleResolvers: true })
class CreateApiKeyPayload {
  @Field(() => ApiKey, { nullable: true, description: "The new key." })
  readonly apiKey?: ApiKey;

  @Field(() => String, { nullable: true, description: "Its secret. Shown this once: it is not stored." })
  readonly secret?: string;
}

@ObjectType({ implements: MutationPayload, description: "What revokeApiKey did.", simpleResolvers: true })
class RevokeApiKeyPayload {
  @Field(() => ApiKey, { nullable: true, description: "The revoked key." })
  readonly apiKey?: ApiKey;
}

@ObjectType({ implements: MutationPayload, description: "What rotateApiKey did.", simpleResolvers: true })
class RotateApiKeyPayload {
  @Field(() => ApiKey, { nullable: true, description: "The new key: name, scopes and expiry of the old one." })
  readonly apiKey?: ApiKey;

  @Field(() => String, { nullable: true, description: "Its secret. Shown this once: it is not stored." })
  readonly secret?: string;

  @Field(() => ApiKey, { nullable: true, description: "The old key, with the end of its grace time." })
  readonly replacedApiKey?: ApiKey;
}

@Resolver()
export class ApiKeyMutations {
  @Mutation(() => CreateApiKeyPayload, { description: "Creates an API key. User error: VALIDATION_FAILED." })
  createApiKey(
    @Arg("input", () => CreateApiKeyInput, { description: "The new key." }) input: CreateApiKeyInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { name, scopes, expiresAt = null } = input;
      const { key, secret } = await engine.keys.create({ tenantId: actor.tenantId, name, scopes, expiresAt });
      return { apiKey: new ApiKey(key), secret };
    });
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description: "Ends an API key: it is refused everywhere within a second. User error: API_KEY_NOT_FOUND.",
  })
  revokeApiKey(
    @Arg("input", () => RevokeApiKeyInput, { description: "Which key." }) input: RevokeApiKeyInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("ApiKey", input.apiKeyId, "apiKeyId");
      return { apiKey: new ApiKey(await engine.keys.revoke(actor.tenantId, id)) };
    });
  }

  @Mutation(() => RotateApiKeyPayload, {
    description:
      "Makes a new key like an old one, which still works for a grace time. User errors: API_KEY_NOT_FOUND, INVALID_STATE, VALIDATION_FAILED.",
  })
  rotateApiKey(
    @Arg("input", () => RotateApiKeyInput, { description: "Which key, and the grace time." }) input: RotateApiKeyInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("ApiKey", input.apiKeyId, "apiKeyId");
      const { key, secret, old } = await engine.keys.rotate(actor.tenantId, id, input.graceSeconds ?? null);
      return { apiKey: new ApiKey(key), secret, replacedApiKey: new ApiKey(old) };
    });
  }
}
