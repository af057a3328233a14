import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from "type-graphql";
import type { Context } from "../context.ts";
import { toDocumentedNames, withoutNulls } from "../documented-input.ts";
import { attempt, MutationPayload } from "../errors/user-error.ts";
import { fromNodeId, toNodeId } from "../relay/node-id.ts";
import { Hook } from "./hook.ts";
import { CreateHookInput, DeleteHookInput, RotateHookInput, UpdateHookInput } from "./hook-inputs.ts";

@ObjectType({ implements: MutationPayload, description: "What createHook did.", simpleResolvers: true })
class CreateHookPayload {
  @Field(() => Hook, { nullable: true, description: "The new hook." })
  readonly hook?: Hook;

  @Field(() => String, {
    nullable: true,
    description: "The last part of its address, `POST /hooks/{token}`. Shown this once: only its hash is stored.",
  })
  readonly token?: string;

  @Field(() => String, {
    nullable: true,
    description: "What calls are signed with, `whsec_…`. Shown this once. Null for a hook that takes unsigned calls.",
  })
  readonly secret?: string | null;
}

@ObjectType({ implements: MutationPayload, description: "What updateHook did.", simpleResolvers: true })
class UpdateHookPayload {
  @Field(() => Hook, { nullable: true, description: "The hook as it is now." })
  readonly hook?: Hook;
}

@ObjectType({ implements: MutationPayload, description: "What rotateHook did.", simpleResolvers: true })
class RotateHookPayload {
  @Field(() => Hook, { nullable: true, description: "The hook, with the end of the old token's grace time." })
  readonly hook?: Hook;

  @Field(() => String, { nullable: true, description: "Its new token. Shown this once." })
  readonly token?: string;

  @Field(() => String, {
    nullable: true,
    description: "Its new secret. Shown this once. Null for a hook that takes unsigned calls.",
  })
  readonly secret?: string | null;
}

@ObjectType({ implements: MutationPayload, description: "What deleteHook did.", simpleResolvers: true })
class DeleteHookPayload {
  @Field(() => ID, { nullable: true, description: "Id of the hook that is gone: drop it from caches." })
  readonly deletedHookId?: string;
}

@Resolver()
export class HookMutations {
  @Mutation(() => CreateHookPayload, {
    description: "Creates an inbound webhook. User errors: WORKFLOW_NOT_FOUND, VALIDATION_FAILED.",
  })
  createHook(
    @Arg("input", () => CreateHookInput, { description: "The new hook." }) input: CreateHookInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { hook, token, secret } = await engine.hooks.create(actor.tenantId, {
        ...toDocumentedNames(withoutNulls(input)),
        workflow_id: fromNodeId("Workflow", input.workflowId, "workflowId"),
      });
      return { hook: new Hook(hook), token, secret };
    });
  }

  @Mutation(() => UpdateHookPayload, {
    description: "Changes what the input names of an inbound webhook. User errors: HOOK_NOT_FOUND, VALIDATION_FAILED.",
  })
  updateHook(
    @Arg("input", () => UpdateHookInput, { description: "The hook and its changes." })
    { hookId, ...changes }: UpdateHookInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("Hook", hookId, "hookId");
      const patch = toDocumentedNames(withoutNulls(changes));
      return { hook: new Hook(await engine.hooks.update(actor.tenantId, id, patch)) };
    });
  }

  @Mutation(() => RotateHookPayload, {
    description:
      "Gives an inbound webhook a new token, and a new secret; the old ones are good for a grace time. User errors: HOOK_NOT_FOUND, VALIDATION_FAILED.",
  })
  rotateHook(
    @Arg("input", () => RotateHookInput, { description: "Which hook, and the grace time." }) input: RotateHookInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("Hook", input.hookId, "hookId");
      const grace = input.graceSeconds == null ? {} : { grace_seconds: input.graceSeconds };
      const { hook, token, secret } = await engine.hooks.rotate(actor.tenantId, id, grace);
      return { hook: new Hook(hook), token, secret };
    });
  }

  @Mutation(() => DeleteHookPayload, {
    description: "Deletes an inbound webhook: its address answers 404. User error: HOOK_NOT_FOUND.",
  })
  deleteHook(
    @Arg("input", () => DeleteHookInput, { description: "Which hook." }) input: DeleteHookInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = fromNodeId("Hook", input.hookId, "hookId");
      await engine.hooks.remove(actor.tenantId, id);
      return { deletedHookId: toNodeId("Hook", id) };
    });
  }
}
